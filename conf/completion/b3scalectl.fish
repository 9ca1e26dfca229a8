# b3scalectl in fish
function __b3scalectl
	set -l words (commandline -opc)
	command $words[1] $words[2..-1] --generate-bash-completion 2>/dev/null
end
complete -c b3scalectl -a '(__b3scalectl)'
