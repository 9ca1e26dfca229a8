"""bash, zsh and fish, asked to complete a line as at a prompt.

Copyright (c) 2026 the b3scale authors
SPDX-License-Identifier: ISC
"""

import os
import shutil
import subprocess

from . import tree
from .ctl import Terminal

SCRIPTS = {"bash": "b3scalectl", "zsh": "_b3scalectl",
           "fish": "b3scalectl.fish"}

# What each is told before: its own machinery completes, and what it found
# and made of the line is written down.
BASH = r"""
PS1='> '
bind 'set enable-bracketed-paste off'
bind 'set bell-style none'
. $SCRIPT
spy() {
	_b3scalectl "$@"
	printf '%s\n' "${COMPREPLY[@]}" >found
}
complete -F spy b3scalectl
line() { printf '%s' "$READLINE_LINE" >line; READLINE_LINE=; }
bind -x '"\C-xp": line; printf "<%s>" done'
printf '%s\n' 're''ady'
"""
ZSH = r"""
PS1='> '
unsetopt zle_bracketed_paste prompt_cr prompt_sp beep
autoload -Uz compinit
[ -n "$INSTALLED" ] && fpath=(${SCRIPT:h} $fpath)
compinit -D -u
[ -n "$INSTALLED" ] || . $SCRIPT
compadd() {
	local -a got
	builtin compadd -O got "$@"
	print -rl -- $got >>found
	builtin compadd "$@"
}
line() { print -rn -- "$BUFFER" >line; BUFFER=; print -n '<''done>' }
zle -N line
bindkey '^I' complete-word
bindkey '^Xp' line
print -r 're''ady'
"""
ARGV = {"bash": ["--norc", "--noprofile", "-i"],
        "zsh": ["-f", "-i"]}


class Shell:
    """One that is there, with b3scalectl in its PATH."""

    def __init__(self, name, ctl, installed=False):
        """installed: the shell finds the script in its folder, by itself."""
        self.name = name
        self.home = ctl.home
        folder = os.path.dirname(tree.CTL)
        self.env = ctl.environment(
            PATH=f"{folder}:{os.environ['PATH']}", INPUTRC="/dev/null",
            HISTFILE="", ZDOTDIR=ctl.home, LC_ALL="C.UTF-8",
            SCRIPT=f"{tree.SOURCE}/conf/completion/{SCRIPTS[name]}",
            INSTALLED="yes" if installed else "")

    def _file(self, name, text=None):
        path = os.path.join(self.home, name)
        if text is not None:
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
            return None
        with open(path, encoding="utf-8") as f:
            return f.read()

    def _fish(self, line):
        done = subprocess.run(
            [shutil.which("fish"), "--no-config", "-c",
             "if test -n \"$INSTALLED\";"
             "  set fish_complete_path (dirname $SCRIPT);"
             "else; source $SCRIPT; end;"
             "complete -C $argv[1]", line],
            env=self.env, cwd=self.home, capture_output=True, text=True,
            check=False, timeout=30)
        assert (done.returncode, done.stderr) == (0, ""), done
        return [word for word in done.stdout.split("\n") if word]

    def _at_a_prompt(self, line):
        """The line with a tab behind it: what is found, and the new line."""
        self._file("rc", BASH if self.name == "bash" else ZSH)
        self._file("found", "")
        term = Terminal([shutil.which(self.name), *ARGV[self.name]],
                        self.env, self.home)
        try:
            term.resize(50, 200)
            term.type(". ./rc\n")
            term.expect("ready")
            term.expect("> ")
            term.type(line + "\t")
            term.type("\x18p")
            term.expect("<done>")
        finally:
            term.type("\x15exit\n")
            term.end()
        return ([word for word in self._file("found").split("\n") if word],
                self._file("line"))

    def found(self, line):
        """What may stand at the end of the line, sorted."""
        return sorted(self._fish(line) if self.name == "fish" else
                      self._at_a_prompt(line)[0])

    def completed(self, line):
        """The line, when there is one way for it to go on."""
        if self.name != "fish":
            return self._at_a_prompt(line)[1].rstrip(" ")
        (word,) = self._fish(line)
        return line[:line.rfind(" ") + 1] + word

    def run(self, line):
        """What the line prints."""
        done = subprocess.run(
            [shutil.which(self.name), "-c", line], env=self.env,
            cwd=self.home, capture_output=True, text=True, check=False,
            timeout=30)
        assert done.returncode == 0, done
        return done.stdout
