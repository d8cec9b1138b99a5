#!/bin/bash
# The version stands in the Makefile; the newest node of the symbol map and the version macros of the
# public headers, where there are any, must agree. make runs this before it links.
set -euo pipefail
cd "$(dirname "$0")/../.."

version=${VERSION:-$(sed -n 's/^VERSION *:= *//p' Makefile)}
IFS=. read -r major minor patch <<<"$version"
bad=0
complain() { echo "$*: the Makefile says $version" >&2 && bad=1; }

node=$(sed -nE 's/^(LIBIPC_[0-9.]+) *\{.*/\1/p' libipc/libipc.map | tail -n 1)
[ "$node" = "LIBIPC_$major.$minor" ] || complain "libipc/libipc.map: newest node is ${node:-missing}"

while read -r where _ name value; do
	value=${value//\"/}
	case $name in
	IPC_VERSION_MAJOR) [ "$value" = "$major" ] ;;
	IPC_VERSION_MINOR) [ "$value" = "$minor" ] ;;
	IPC_VERSION_PATCH) [ "$value" = "$patch" ] ;;
	*) [ "$value" = "$version" ] ;;
	esac || complain "$where $name is $value"
done < <(grep -rHoE '#define[[:space:]]+IPC_VERSION(_MAJOR|_MINOR|_PATCH|_STRING)?[[:space:]]+("[^"]*"|[0-9]+)' \
	libipc/include/ipc | sed 's/:#define/: #define/')
exit $bad
