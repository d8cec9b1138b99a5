#!/bin/bash
# Views, detail, help, filter, sorting, freezing, and any size of the screen.
. "$(dirname "$0")/terminal.bash"

begin_deadlock
open 80x24
say 'ipcmon -d 0.1'
see 'DEADLOCK'
see ' Findings 1 '
see ' Waits 2 '
see ' Why '

press 2
see 'DEPTH/CAP'
see_not 'Findings'
press 3
see 'BLK/THR'
press 4
see 'HELD BY/NEEDS'
press Tab
see 'WHO KEEPS WHOM'
press v
see 'FROM'
press t
see 'WHO KEEPS WHOM'
press t
see 'HELD BY/NEEDS'
press BTab
see 'HELD BY/NEEDS'
press 6
see 'ALL-MAX'
see 'put to get of results'
press 7
see 'no memory is shared'
press 2 a
see 'FOR-S'
press a
see 'DEPTH/CAP'
press T
see 'lttng create'
press q
see 'DEPTH/CAP'
press 2 w
see 'WHO KEEPS WHOM'
press 1
see 'Findings'

# Detail of the finding: who, where, why, and what to change.
press Enter
see 'Detail'
see 'Why:'
see 'Fix:'
press Escape
see 'Findings'

press 2 Enter
see 'It is part of this'
press G
see 'Who holds it'
press q
see 'DEPTH/CAP'
press 3 Enter
see 'Program:'
press q

press F1
see 'Help'
press G
see_not 'It only reads'
press g g
see 'It only reads'
press '?'
see_not 'It only reads'
see 'BLK/THR'

press 3
press '\'
see 'Filter:'
say 'PUT('
see 'only PUT('
text | tail -n +4 | grep -q ' parent ' && fail 'the filter keeps what it should not'
press Escape
see_not 'only PUT('

press f
see 'Filter:'
tm send-keys -l 'blk>nothing'
see 'column blk is a number'
press C-u
say 'name=parent'
see 'only name=parent'
press Escape
see_not 'only name=parent'

press /
see 'Find:'
tm send-keys -l 'zzz'
see 'not found'
press Escape
see_not 'Find:'

press Space
see 'FROZEN'
press Space
see 'LIVE'

press 1
resize 200x60
see 'OUT-B/s'
resize 40x8
see 'DEADLOCK'
resize 30x5
see_not '1Overview'
see 'DEADLOCK'
resize 1x1
resize 80x24
see '1Overview'
see 'Findings 1'

press q
see 'ready>'
say clear
say "ipcmon -n 3 -d 0.1; echo ended with \$?"
see 'ended with 0'
say 'ipcmon -s name'
see '-s is for what is printed'
