#ifndef BENCH_CASES_H
#define BENCH_CASES_H

#include "round.h"

extern const struct case_def case_oneway, case_roundtrip, case_manytomany, case_wakeup,
	case_inplace, case_inplace_full;

#endif /* BENCH_CASES_H */
