#!/bin/bash
# The mutants of the detector (tests/deadlock/mutants.txt) still apply to its code.
set -euo pipefail
cd "$(dirname "$0")/../.."
exec tests/deadlock/mutate --apply-only
