# SPDX-License-Identifier: GPL-2.0
# Completion of shim6 for bash: the command itself says what may come next.

_shim6() {
	local line=${COMP_LINE:0:COMP_POINT} word candidate
	local -a words candidates
	# The words as blanks part them: bash would part an IPv6 address at its colons.
	read -ra words <<<"$line"
	[[ $line == *[[:blank:]] ]] && words+=('')
	word=${words[-1]}
	COMPREPLY=()
	mapfile -t candidates < <("${words[0]}" __complete "${words[@]:1}" 2>/dev/null)
	for candidate in "${candidates[@]}"; do
		if [[ $candidate == :file ]]; then
			compopt -o filenames 2>/dev/null
			mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$word")
		else
			COMPREPLY+=("${candidate%%$'\t'*}")
		fi
	done
	# What bash holds for the word begins after its last colon.
	if [[ $word == *:* && $COMP_WORDBREAKS == *:* ]]; then
		COMPREPLY=("${COMPREPLY[@]#"${word%"${word##*:}"}"}")
	fi
}
complete -F _shim6 shim6
