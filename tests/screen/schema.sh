#!/bin/bash
# What ipcmon prints as JSON is what monitor/schema says, and every member is described there.
. "$(dirname "$0")/terminal.bash"
PATH=$BUILD:$PATH
schemas=$(realpath "$(dirname "$0")/../../monitor/schema")

for python in python3 /usr/bin/python3; do
	"$python" -W ignore -c 'import jsonschema' 2>/dev/null && break
	python=
done
[ -n "$python" ] || { echo 'python3-jsonschema is not installed' && exit 77; }

cat >"$T/validate.py" <<'END'
import copy, glob, json, os, sys, warnings
warnings.simplefilter("ignore")
import jsonschema

def strict(x):
    """The same schema, of objects that have no members but those described."""
    if isinstance(x, dict):
        x = {k: strict(v) for k, v in x.items()}
        if "properties" in x and "allOf" not in x:
            x.setdefault("additionalProperties", False)
    elif isinstance(x, list):
        x = [strict(v) for v in x]
    return x

def merged(schema, store):
    """allOf of rows, which cannot be strict alone, becomes one object."""
    for part in schema.pop("allOf", []):
        file, path = part["$ref"].split("#/$defs/")
        schema["properties"].update(store[file]["$defs"][path]["properties"])
    return schema

folder, name, lines = sys.argv[1], sys.argv[2], sys.stdin.read().splitlines()
store = {os.path.basename(f): json.load(open(f)) for f in glob.glob(folder + "/*.json")}
schema = merged(copy.deepcopy(store[name + ".json"]), store)
jsonschema.Draft202012Validator.check_schema(schema)
store = {k: strict(v) for k, v in store.items()}
schema = strict(schema)
resolver = jsonschema.RefResolver(name + ".json", schema, store={**store, name + ".json": schema})
validator = jsonschema.Draft202012Validator(schema, resolver=resolver)
if not lines:
    sys.exit("nothing was printed")
for line in lines:
    for error in validator.iter_errors(json.loads(line)):
        sys.exit("%s: %s" % ("/".join(str(p) for p in error.absolute_path), error.message[:300]))
END

# valid SCHEMA ARGUMENT...: what ipcmon prints then
valid() {
	local schema=$1 said
	shift
	ipcmon "$@" >"$T/out" 2>"$T/err"
	said=$("$python" "$T/validate.py" "$schemas" "$schema" <"$T/out" 2>&1) ||
		fail "ipcmon $*: $said; $(head -c 300 "$T/err")"
}


valid snapshot check --json # of nothing
begin_deadlock
stuck() { ipcmon check -q; [ $? -eq 2 ]; }
until_true stuck || fail 'no deadlock is found'
lints() { [ "$(ipcmon lint -J | jq '.lints | length')" -gt 0 ]; }
until_true lints || fail 'no lint'
# It can fail: by a member nobody described, by one that is missing, by one of another type.
ipcmon dump --json >"$T/good"
for lie in '.surplus = 1' 'del(.torn)' '.torn = "none"' '.channels[0].surplus = 1' '.self.pid = -1' \
	'.verdicts[0].core[0].surplus = 1' '.verdicts[0].class = "other"' '.waits[0].holders[0].pid = "x"'; do
	jq -c "$lie" "$T/good" | "$python" "$T/validate.py" "$schemas" snapshot >/dev/null 2>&1 &&
		fail "$lie is valid"
done

for arguments in 'dump -J' 'ls -J' 'ls --jsonl -n 3 -d 0.05' 'ls -1J' 'waits -J' 'waits -tJ' 'check -J' 'lint -J' 'ls -J -o name,put'; do
	# shellcheck disable=SC2086
	valid snapshot $arguments
done
for table in $(ipcmon ls --table help); do valid snapshot ls -J --table "$table"; done
valid graph graph -J
valid stat stat -J -n 3 -d 0.05
valid stat stat -J -1
valid gc gc -J # somebody lives there
end_deadlock

# A busy program with every kind of thing, and its remains.
"$BUILD/examples/wordcount" --repeat 1000 >/dev/null 2>&1 &
# shellcheck disable=SC2034 # close() ends it
deadlock=$!
busy() { ipcmon ls -1qH --table channels -o name -F paths 2>/dev/null | grep -qx paths; }
until_true busy || fail 'the word count does not begin'
cp -r "$IPC_DIR/default" "$T/copy"
valid diff diff -J "$T/copy" "$IPC_DIR/default"
for arguments in 'dump -J' 'ls --jsonl -n 3 -d 0.05' 'waits -J'; do
	# shellcheck disable=SC2086
	valid snapshot $arguments
	# shellcheck disable=SC2086
	valid snapshot --dir "$T/copy" $arguments
done
valid stat stat -J -n 3 -d 0.05
