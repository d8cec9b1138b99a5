#!/bin/bash
# The files other tools load: rules that Prometheus takes and their tests, metrics that exist, a
# runbook for each alert, panels that say what they show.
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v jq >/dev/null || { echo 'jq is not installed' && exit 77; }

rules=dashboards/prometheus
page=libipc/man/ipcmon.1
bad=0
complain() { echo "$*" && bad=1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Each metric named in what is read is one of the manual page's.
sed -n 's/^\.It Li \(ipc_[a-z_]*\).*/\1/p' "$page" | sort -u >"$work/known"
known() { # FILE: expressions, one a line
	local name plain
	grep -oE '\bipc_[a-z_]+' "$1" | sort -u | while read -r name; do
		plain=${name%_bucket}
		grep -qxF -e "$name" -e "$plain" "$work/known" || echo "$2: there is no metric $name"
	done
}

# The rules themselves. Without promtool what follows is all there is.
if command -v promtool >/dev/null; then
	promtool check rules $rules/alerts.yml >"$work/out" 2>&1 || complain "$(cat "$work/out")"
	(cd $rules && promtool test rules alerts_test.yml) >"$work/out" 2>&1 || complain "$(cat "$work/out")"
fi
grep -vE '^ *#|runbook_url|summary|description' $rules/alerts.yml >"$work/exprs"
known "$work/exprs" alerts.yml >"$work/out"
[ ! -s "$work/out" ] || complain "$(cat "$work/out")"

# Each alert: a test, and all that who is called needs.
while read -r alert; do
	anchor=${alert,,}
	grep -qF "alertname: $alert" $rules/alerts_test.yml || complain "$alert has no test"
	grep -qF "runbook_url: runbooks.md#$anchor" $rules/alerts.yml || complain "$alert has no runbook_url"
	grep -qxF "## $alert" dashboards/runbooks.md || complain "$alert is not in runbooks.md"
done < <(sed -n 's/^ *- alert: //p' $rules/alerts.yml)
n=$(grep -c '^ *- alert:' $rules/alerts.yml)
for what in severity: summary: description: runbook_url:; do
	[ "$(grep -c "$what" $rules/alerts.yml)" -eq "$n" ] || complain "not each alert has a $what"
done

for board in dashboards/grafana/*.json; do
	jq -r '.panels[].targets[].expr' "$board" >"$work/exprs"
	known "$work/exprs" "$board" >"$work/out"
	[ ! -s "$work/out" ] || complain "$(cat "$work/out")"
	# What Grafana puts in for a variable, for promtool to parse.
	if command -v promtool >/dev/null; then
		{
			printf 'groups:\n  - name: panels\n    rules:\n'
			sed -e 's/\$__rate_interval/1m/g' -e 's/\$[a-z]*/.+/g' "$work/exprs" | awk '{ gsub(/\x27/, "\x27\x27"); printf "      - {record: \x27panel:%d\x27, expr: \x27%s\x27}\n", NR, $0 }'
		} >"$work/rules.yml"
		promtool check rules "$work/rules.yml" >"$work/out" 2>&1 || complain "$board: $(cat "$work/out")"
	fi
	grep -E 'rate\(|increase\(' "$work/exprs" | grep -vF "[\$__rate_interval]" >"$work/out" || true
	[ ! -s "$work/out" ] || complain "$board: not over \$__rate_interval: $(cat "$work/out")"
	# A counter alone says how long something runs.
	grep -E '_(total|bucket)\{' "$work/exprs" | grep -vE 'rate\(|increase\(|ipc_dead_processes_total' >"$work/out" || true
	[ ! -s "$work/out" ] || complain "$board: a counter as it is: $(cat "$work/out")"
	jq -r '
		(.panels | group_by(.id)[] | select(length > 1) | "two panels have the id \(.[0].id)"),
		(.panels[] | select([.title, .description, .type, .fieldConfig.defaults.unit] | any(. == null or . == "")) |
			"panel \(.id) lacks a title, a description, a type or a unit"),
		(.panels[] | select((.targets | length) == 0) | "panel \(.id) shows nothing"),
		(.panels[] | select(.gridPos.x + .gridPos.w > 24) | "panel \(.id) is too wide"),
		(.panels as $p | range($p | length) as $i | range($i) as $j | [$p[$i].gridPos, $p[$j].gridPos] |
			select(.[0].x < .[1].x + .[1].w and .[1].x < .[0].x + .[0].w and
			       .[0].y < .[1].y + .[1].h and .[1].y < .[0].y + .[0].h) |
			"panels \($p[$i].id) and \($p[$j].id) lie on each other"),
		(if .templating.list[0].type != "datasource" then "the data source is not a variable" else empty end),
		(if .editable then "it can be edited in place" else empty end)' "$board" >"$work/out"
	[ ! -s "$work/out" ] || complain "$board: $(cat "$work/out")"
done
exit $bad
