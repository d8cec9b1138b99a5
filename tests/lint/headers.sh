#!/bin/bash
# Each public header compiles alone, twice included, as strict C11 and as C++17, without a warning.
set -euo pipefail
cd "$(dirname "$0")/../.."

cc=${CC:-gcc}
cxx=${CXX:-$(command -v g++ || command -v c++ || command -v clang++)} || {
	echo "no C++ compiler (make check-deps)"
	exit 1
}
n=0 bad=0
for header in libipc/include/ipc/*.h; do
	[ -e "$header" ] || break
	n=$((n + 1))
	name=ipc/${header##*/}
	twice="#include <$name>"$'\n'"#include <$name>"
	$cc -std=c11 -Wall -Wextra -pedantic -Werror -fsyntax-only -Ilibipc/include -x c - <<<"$twice" ||
		{ echo "$name: not alone as C11" && bad=1; }
	$cxx -std=c++17 -Wall -Wextra -pedantic -Werror -fsyntax-only -Ilibipc/include -x c++ - <<<"$twice" ||
		{ echo "$name: not alone as C++17" && bad=1; }
done
echo "$n headers"
[ $n -gt 0 ] && exit $bad
