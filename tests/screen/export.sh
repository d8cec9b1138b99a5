#!/bin/bash
# Numbers for a collector: printed, kept in a file, served by HTTP to who is on this machine.
. "$(dirname "$0")/terminal.bash"
command -v curl >/dev/null || { echo 'curl is not installed' && exit 77; }
PATH=$BUILD:$PATH
page=$(realpath "$(dirname "$0")/../../libipc/man/ipcmon.1")
cd "$T" || exit 1
exporter=
trap '[ -z "$exporter" ] || kill "$exporter" 2>/dev/null; close' EXIT

hasnt() { ! grep -qE -- "$2" "$1" || fail "$2 is in $1: $(cat "$1")"; }

# start ARGUMENTS...: an exporter, once it says where it is
start() {
	rm -f "$T/said"
	ipcmon export "$@" 2>"$T/said" &
	exporter=$!
	until_true grep -q ' at ' "$T/said" || fail "it does not serve: $(cat "$T/said")"
	where=$(sed -n 's/.* at //p' "$T/said")
}
stop() {
	kill "$exporter"
	wait "$exporter" || fail "it ended with $?"
	exporter=
}
up() { curl -sf "$where" | grep -q '^ipc_up{domain="default"} '"$1"'$'; }

# Nobody there is a number, too, and a wrong place is said.
exits 3 ipcmon export && has "$T/out" '^ipc_up\{domain="default"\} 0$' && has "$T/err" 'no domain'
for address in 0.0.0.0:0 '[::]:0' 127.0.0.1 127.0.0.1:70000 nothing:x nothing:1 unix:; do
	exits 2 ipcmon export --listen "$address" && grep -qF "cannot listen at ${address#unix:}: " "$T/err" || fail "$address: $(cat "$T/err")"
done
exits 2 ipcmon export --listen 0 --textfile x.prom
exits 2 ipcmon export -n 2
exits 2 ipcmon export --listen 0 --once
exits 2 ipcmon export --listen 0 --openmetrics
exits 2 ipcmon ls --textfile x.prom
exits 2 ipcmon ls --per-endpoint
exits 1 ipcmon export --textfile nowhere/x.prom -n 1 && has "$T/err" 'cannot write nowhere/x.prom: No such file'

mkfifo fifo # as root, a device would be gone
exits 1 ipcmon export --textfile fifo -n 1 && has "$T/err" 'cannot write fifo: it exists, and is no plain file' && [ -p fifo ]

# It is waited for, and seen to come and to go.
start --listen 0 -d 0.05 --dir "$IPC_DIR/default"
[[ $where == http://127.0.0.1:*/metrics ]] || fail "it is at $where"
up 0 || fail 'an empty domain is up'
begin_deadlock
until_true up 1 || fail 'the domain never comes up'
stuck() { curl -sf "$where" | grep -q '^ipc_deadlocked_threads{domain="default"} 2$'; }
until_true stuck || fail 'the deadlock is not told'

# What a collector asks for, and what others may not.
curl -si "$where" >"$T/got" && has "$T/got" '^HTTP/1.1 200' && has "$T/got" '^Content-Type: text/plain; version=0.0.4' && hasnt "$T/got" '# EOF'
curl -si -H 'Accept: application/openmetrics-text; version=1.0.0' "$where" >"$T/got" && has "$T/got" '^Content-Type: application/openmetrics-text; version=1.0.0'
[ "$(tail -1 "$T/got")" = '# EOF' ] || fail 'OpenMetrics has an end'
status() { curl -so "$T/got" -w '%{http_code}' "$@"; }
[ "$(status -X POST -d x "$where")" = 405 ] || fail 'it takes a POST'
[ "$(status -I "$where")" = 200 ] || fail 'it knows no HEAD'
[ "$(curl -so /dev/null -o /dev/null -w '%{num_connects}' "$where" "$where")" = 10 ] || fail 'a second request needs another connection'
[ "$(status "${where%/metrics}/other")" = 404 ] || fail 'it has other pages'
for host in example.com localhost.example.com 127.0.0.1.example.com '[::1].example.com' '[::1'; do
	[ "$(status -H "Host: $host" "$where")" = 403 ] || fail "a page of $host may read it"
done
for host in LocalHost:9 127.0.0.1 '[::1]:9'; do
	[ "$(status -H "Host: $host" "$where")" = 200 ] || fail "it is not for $host"
done

# The port is another's then.
port=${where##*:} && port=${port%/metrics}
exits 1 ipcmon export --listen "$port" && has "$T/err" "cannot listen at $port: Address already in use"
end_deadlock
until_true up 0 || fail 'the domain never goes'
stop

# By a socket, for its user alone; what one left that was killed is in nobody's way.
start --listen "unix:$T/socket"
[ "$(stat -c %a "$T/socket")" = 600 ] || fail 'others may ask the socket'
curl -sf --unix-socket "$T/socket" http://ipcmon/metrics >"$T/got" && has "$T/got" '^ipc_up'
exits 1 ipcmon export --listen "unix:$T/socket" && has "$T/err" 'Address already in use'
kill -9 "$exporter" && wait "$exporter" 2>/dev/null
start --listen "unix:$T/socket"
mv socket away && touch socket
stop
[ -f socket ] || fail "it took away another's"
rm socket
start --listen "unix:$T/socket"
stop
[ ! -e "$T/socket" ] || fail 'the socket stays'
echo mine >"$T/file"
exits 1 ipcmon export --listen "unix:$T/file" && [ "$(cat "$T/file")" = mine ] || fail 'a file was taken for a socket'

# In a file that is whole whenever it is read, and goes with who writes it.
begin_deadlock
there() { ipcmon ls >/dev/null 2>&1; }
until_true there || fail 'the domain never comes'
exits 0 ipcmon export --textfile x.prom -n 1 && has x.prom '^ipc_up.* 1$' && [ "$(echo x.prom*)" = x.prom ]
[ "$(stat -c %a x.prom)" = "$(umask 022; touch y; stat -c %a y)" ] || fail 'the collector may not read it'
ipcmon export --textfile x.prom -d 0.05 &
exporter=$!
inode() { stat -c %i x.prom 2>/dev/null; }
before=$(inode)
anew() { [ "$(inode)" != "$before" ]; }
until_true anew || fail 'the file is not written anew'
for _ in {1..50}; do
	cat x.prom >"$T/got" && [[ $(tail -1 "$T/got") == ipc_channels_dropped* ]] || fail "half a file: $(tail -1 "$T/got")"
done
stop
[ ! -e x.prom ] || fail 'old numbers stay'

# What is in its place is another's, also when it ends; and nohup keeps it.
(trap '' HUP && exec ipcmon export --textfile x.prom -d 0.05) 2>"$T/said" &
exporter=$!
until_true test -e x.prom || fail 'no file'
kill -HUP "$exporter"
rm x.prom
until_true test -e x.prom || fail 'it was not to be hung up'
# Once more where it was put there between a look and the file's taking its place.
in_its_place() { [ -p x.prom ] || { mkfifo other && mv other x.prom; }; grep -q 'no plain file' "$T/said"; }
until_true in_its_place || fail 'nothing is said of what is in its place'
kill "$exporter"
wait "$exporter"
exporter=
[ -p x.prom ] || fail "it took away another's"
rm x.prom

# A disk that is full: the file is as it was.
if unshare -rm true 2>/dev/null; then
	mkdir disk
	exits 1 unshare -rm sh -c 'mount -t tmpfs -o size=8k tmpfs disk && echo old >disk/x.prom &&
		ipcmon export --textfile disk/x.prom -n 1; r=$?; [ "$(ls disk)" = x.prom ] && [ "$(cat disk/x.prom)" = old ] && exit $r'
	has "$T/err" 'cannot write disk/x.prom: No space left'
fi

# The manual page knows all of them.
ipcmon export --per-endpoint >"$T/got"
has "$T/got" '^ipc_endpoint_messages_total[{].*,pid="[0-9]+",process="[^"]+",role="get"} '
for name in $(sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p' "$T/got"); do
	grep -qE "^\.It Li $name( |$)" "$page" || fail "$page does not tell of $name"
done

# What Prometheus' own checker says of it: nothing.
if command -v promtool >/dev/null; then
	promtool check metrics <"$T/got" >"$T/out" 2>&1 || fail "promtool: $(cat "$T/out")"
	[ ! -s "$T/out" ] || fail "promtool: $(cat "$T/out")"
fi
end_deadlock
exit 0
