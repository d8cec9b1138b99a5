#!/bin/sh
# Make sure that what a job needs is installed; install it where apt can.
#
#   bootstrap.sh [--check] build|demo|test|check|bench|models|fuzz
#
# Everything is probed by what is used - a header, a command - and never by asking a package
# manager, so a library built by hand counts. Nothing missing: silent, some 20 ms.
# --check only looks, and says what is missing.

set -u

# headers SET: <header> Debian-package
headers() {
	cat <<-'END'
		stdio.h                   libc6-dev
		lttng/tracepoint.h        liblttng-ust-dev
		elfutils/libdwfl.h        libdw-dev
		curses.h                  libncurses-dev
		zstd.h                    libzstd-dev
		microhttpd.h              libmicrohttpd-dev
		babeltrace2/babeltrace.h  libbabeltrace2-dev
	END
	case $1 in
	test)
		cat <<-'END'
			cmocka.h  libcmocka-dev
			uv.h      libuv1-dev
		END
		;;
	check)
		cat <<-'END'
			cmocka.h              libcmocka-dev
			valgrind/callgrind.h  valgrind
		END
		;;
	fuzz) echo 'cmocka.h libcmocka-dev' ;;
	bench)
		cat <<-'END'
			boost/interprocess/ipc/message_queue.hpp  libboost-dev
			ck_ring.h                                 libck-dev
			nng/nng.h                                 libnng-dev
			zmq.h                                     libzmq3-dev
		END
		;;
	esac
}

# commands SET: command Debian-package
commands() {
	cat <<-'END'
		make        make
		objcopy     binutils
		pkg-config  pkg-config
	END
	case $1 in
	test)
		cat <<-'END'
			tmux         tmux
		curl         curl
			lttng        lttng-tools
			babeltrace2  babeltrace2
			strace       strace
			jq           jq
			ps           procps
			jsonschema   python3-jsonschema
		END
		;;
	check)
		cat <<-'END'
			c++           g++
			clang-format  clang-format
			clang-tidy    clang-tidy
			cppcheck      cppcheck
			shellcheck    shellcheck
			valgrind      valgrind
		END
		;;
	bench)
		cat <<-'END'
			c++        g++
			iox-roudi  iceoryx libiceoryx-binding-c-dev
		END
		;;
	models) echo 'spin spin' ;;
	fuzz) echo 'clang clang libclang-rt-dev' ;;
	esac
}

# The preprocessor prints the package of each header it cannot find: one run for all of them.
# CC may hold flags, hence unquoted. No compiler, or one that fails, means that all are missing.
missing() {
	command -v ${cc%% *} >/dev/null || echo gcc
	headers "$1" | while read -r header package; do
		printf '#if !__has_include(<%s>)\n%s\n#endif\n' "$header" "$package"
	done | $cc -E -P -x c - 2>/dev/null ||
		headers "$1" | while read -r header package; do echo "$package"; done
	commands "$1" | while read -r command package; do
		command -v "$command" >/dev/null || echo "$package"
	done
}

check=
test "${1-}" = --check && check=1 && shift
set="${1-}"
cc="${CC:-gcc}"
command -v ${cc%% *} >/dev/null || cc=cc
case $set in
build | demo | test | check | bench | models | fuzz) ;;
*) echo "usage: bootstrap.sh [--check] build|demo|test|check|bench|models|fuzz" >&2 && exit 2 ;;
esac

# shellcheck disable=SC2046 # one word per package, and blank lines of the preprocessor go
words() { echo $(missing "$set"); }
want=$(words)
test -n "$want" || exit 0

case $set in
build | demo) target=deps ;;
*) target=$set-deps ;;
esac

if test -n "$check"; then
	cat >&2 <<-END
		Missing, by their Debian and Ubuntu names:

		    $want

		Install them with your package manager, or by: make $target
		The library alone needs none of them: make lib
	END
	exit 1
fi

if ! command -v apt-get >/dev/null; then
	cat >&2 <<-END
		Missing, by their Debian and Ubuntu names:

		    $want

		There is no apt-get here: please install what your system calls them, and try again.
	END
	exit 1
fi

root=
if test "$(id -u)" != 0; then
	if ! command -v sudo >/dev/null; then
		echo "Missing packages. As root, please: apt-get install $want" >&2
		exit 1
	fi
	root=sudo
fi

apt() {
	$root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 "$@"
}

# Recommended packages stay out: with lttng-tools they would build a kernel module.
echo "Installing: $want"
# Package lists may be absent (containers) or old, so a failure means: update, and once more.
# shellcheck disable=SC2086 # one word per package
if ! apt install -y --no-install-recommends $want >/dev/null 2>&1; then
	apt update && apt install -y --no-install-recommends $want || {
		echo "apt-get could not install: $want" >&2
		exit 1
	}
fi

want=$(words)
if test -n "$want"; then
	echo "Installed, and still not found: $want" >&2
	exit 1
fi
