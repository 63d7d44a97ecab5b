# SPDX-License-Identifier: GPL-2.0
# Completion of shim6 for fish: the command itself says what may come next.

function __shim6_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l typed (commandline -ct)
    for candidate in ($words[1] __complete $words[2..-1] 2>/dev/null)
        if test "$candidate" = :file
            __fish_complete_path "$typed"
        else
            echo $candidate
        end
    end
end

complete -c shim6 -f -a '(__shim6_complete)'
