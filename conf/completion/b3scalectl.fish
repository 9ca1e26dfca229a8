# b3scalectl in fish
function __b3scalectl
	set -l words (commandline -opc)
	set -l cur (commandline -ct)
	set -l prefix ''
	if string match -q -- '--*=*' $cur
		set prefix (string split -m 1 = -- $cur)[1]
		set -a words $prefix
		set prefix $prefix=
	end
	if contains -- $words[-1] -f --file
		__fish_complete_path $cur
		return
	end
	for word in (command $words --generate-bash-completion 2>/dev/null)
		if string match -q -- '-*' $cur; or not string match -q -- '-*' $word
			echo $prefix$word
		end
	end
end
complete -c b3scalectl -f -a '(__b3scalectl)'
