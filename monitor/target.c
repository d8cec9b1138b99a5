#include "target.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "discover.h"

#define NAMES_SHOWN 8

void target_init(struct target *t, const char *name, const char *dir)
{
	const char *env = getenv("IPC_DOMAIN");

	*t = (struct target){.name = name, .dir = dir};
	t->label = dir != NULL                  ? dir
		   : name != NULL               ? name
		   : env != NULL && env[0] != 0 ? env
						: "default";
}

void target_init_pid(struct target *t, uint64_t pid)
{
	*t = (struct target){.pid = pid};
	snprintf(t->pid_label, sizeof(t->pid_label), "pid %" PRIu64, pid);
	t->label = t->pid_label;
}

void target_fini(struct target *t)
{
	t->o = ipc_observer_close(t->o);
}

/* ---- words --------------------------------------------------------------------- */

struct names {
	char   text[256];
	size_t used;
	int    n;
};

static int add_name(const char *name, const char *dir, void *arg)
{
	struct names *names = arg;

	(void)dir;
	names->n++;
	if (names->n <= NAMES_SHOWN && names->used < sizeof(names->text))
		names->used += (size_t)snprintf(names->text + names->used,
						sizeof(names->text) - names->used, "%s\"%s\"",
						names->n > 1 ? ", " : "", name);
	return 0;
}

/* What there is instead: usually the program runs, under another name. */
static void others(char *ret, size_t size)
{
	struct names names = {.n = 0};

	ret[0] = 0;
	if (ipc_domains(add_name, &names) < 0)
		return;
	if (names.n == 0)
		snprintf(ret, size, " No other domain of yours exists.");
	else
		snprintf(ret, size, " These exist: %s%s.", names.text,
			 names.n > NAMES_SHOWN ? ", ..." : "");
}

static void explain(struct target *t, int r)
{
	const char *more = ipc_explain();
	char        hint[320] = "";

	switch (r) {
	case -ENOENT:
		if (t->pid > 0) {
			discover_no_domain(t->pid, t->why, sizeof(t->why));
			return;
		}
		others(hint, sizeof(hint));
		if (t->dir != NULL && discover_is_other(t->dir)) {
			snprintf(
				t->why, sizeof(t->why),
				"the directory \"%.200s\" is not a domain's: there is no registry in "
				"it. Name a domain, its directory, or a process of it.%s",
				t->dir, hint);
			return;
		}
		if (t->was_there) {
			snprintf(t->why, sizeof(t->why),
				 "the domain \"%s\" has ended; ipcmon waits for it to come back.%s",
				 t->label, hint);
			return;
		}
		snprintf(t->why, sizeof(t->why),
			 "there is no domain \"%s\" yet: no program has made it.%s", t->label,
			 hint);
		return;
	case -ESTALE:
		snprintf(t->why, sizeof(t->why),
			 "the domain \"%s\" is over: its programs have ended", t->label);
		return;
	case -EACCES:
	case -EPERM:
		snprintf(hint, sizeof(hint), "; run ipcmon as the user the programs run as");
		break;
	case -EPROTO:
		snprintf(hint, sizeof(hint),
			 "; use the ipcmon of the libipc that made it (this one is %s)",
			 ipc_version());
		break;
	default: break;
	}
	snprintf(t->why, sizeof(t->why), "domain \"%.120s\": %.200s%s", t->label,
		 more[0] != 0 ? more : ipc_strerror(r), hint);
}

enum exit_code target_exit_code(int r)
{
	switch (r) {
	case 0: return EXIT_OK;
	case -ENODATA:
	case -ENOENT:
	case -ESRCH:
	case -ESTALE: return EXIT_NO_TARGET;
	case -EACCES:
	case -EPERM: return EXIT_PERMISSION;
	case -EPROTO: return EXIT_INCOMPATIBLE;
	default: return EXIT_RUN_TIME;
	}
}

/* ---- reading ----------------------------------------------------------------------- */

static int attach(struct target *t)
{
	int r;

	if (t->pid > 0) {
		r = discover_pid(t->pid, t->pid_dir, sizeof(t->pid_dir), t->why, sizeof(t->why));
		return r < 0 ? r : ipc_observer_open_dir(&t->o, t->pid_dir);
	}
	return t->dir != NULL ? ipc_observer_open_dir(&t->o, t->dir)
			      : ipc_observer_open(&t->o, t->name);
}

int target_read(struct target *t, const struct ipc_snapshot **ret)
{
	int r;

	t->why[0] = 0;
	r = t->o == NULL ? attach(t) : 0;
	if (r == 0)
		r = ipc_observer_read(t->o, ret);
	if (r == 0) {
		t->was_there = 1;
		return 0;
	}
	if (t->why[0] == 0)
		explain(t, r);
	/* Whatever it was: a fresh look is as good as another try, and finds a successor. */
	t->o = ipc_observer_close(t->o);
	return r;
}
