#!/bin/bash
# No domain, then one, then none, then its successor: ipcmon waits, shows, says so, and shows again.
. "$(dirname "$0")/terminal.bash"

open 80x24
say 'ipcmon -d 0.1'
see 'WAITING for domain "default"'
see 'there is no domain "default" yet'

begin_deadlock
see 'LIVE'
see 'DEADLOCK'
see 'drain.c:'
see 'Pattern: join-before-drain'

end_deadlock
see 'GONE'
see 'DEADLOCK' # the last that was seen stays
see 'the domain "default" has ended; ipcmon waits for it'

begin_deadlock
see 'LIVE'
see_not 'GONE'
see 'DEADLOCK'
press q
see 'ready>'

# Another domain is another one.
say 'clear; ipcmon --domain nobody-makes-this -d 0.1'
see 'WAITING for domain "nobody-makes-this"'
see '"default"' # it says which there are
press q
see 'ready>'
