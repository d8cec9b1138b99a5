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
see 'in a finding: D deadlock'
press '?'
see 'BLK/THR'

press 3
press '\'
see 'Filter:'
say 'PUT('
see 'only "PUT("'
text | tail -n +4 | grep -q ' parent ' && fail 'the filter keeps what it should not'
press Escape
see_not 'only "PUT("'

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
