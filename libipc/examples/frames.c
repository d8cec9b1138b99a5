/*
 * frames.c - a camera sends frames of a megabyte to a viewer, and nobody copies them
 *
 * Shows ipc_conn_reserve() and _commit(), ipc_conn_take() and _release(): the camera draws
 * into the memory that the viewer then looks at. A frame that turns out smaller lowers
 * its length; one that is no good is aborted, and was never sent. At most three are on the
 * way: a camera that is faster waits in commit, with its frame drawn.
 */

#include <ipc/conn.h>
#include <ipc/proc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH   1024
#define HEIGHT  1024
#define FRAMES  12
#define COLOUR  1 /* types of message */
#define PREVIEW 2

struct frame {
	unsigned      number, width, height;
	unsigned char pixel[];
};

static void check(const char *what, int r)
{
	if (r >= 0)
		return;
	fprintf(stderr, "%s: %s. %s\n", what, ipc_strerror(r), ipc_explain());
	exit(1);
}

static size_t frame_bytes(const struct frame *f)
{
	return sizeof(*f) + (size_t)f->width * f->height;
}

/* Every fourth one is only a preview. */
static void draw(struct frame *f, unsigned number)
{
	f->number = number;
	f->width = number % 4 ? WIDTH : WIDTH / 8;
	f->height = number % 4 ? HEIGHT : HEIGHT / 8;
	memset(f->pixel, (int)number, (size_t)f->width * f->height);
}

static int camera(void *arg)
{
	ipc_conn     **end = arg;
	struct ipc_msg m = {0};

	end[0] = ipc_conn_close(end[0]);
	for (unsigned number = 1; number <= FRAMES; number++) {
		check("reserve", ipc_conn_reserve(end[1], sizeof(struct frame) + WIDTH * HEIGHT, &m,
						  IPC_FOREVER));
		draw(m.data, number);
		if (number % 5 == 0) { /* out of focus */
			check("abort", ipc_conn_abort(end[1], &m));
			continue;
		}
		m.len = frame_bytes(m.data);
		m.type = m.len < WIDTH * HEIGHT ? PREVIEW : COLOUR;
		check("commit", ipc_conn_commit(end[1], &m, IPC_FOREVER));
	}
	end[1] = ipc_conn_close(end[1]);
	return 0;
}

static void show(const struct ipc_msg *m)
{
	const struct frame *f = m->data;
	unsigned long       sum = 0, pixels = (unsigned long)f->width * f->height;

	for (size_t i = 0; i < pixels; i++)
		sum += f->pixel[i];
	printf("frame %2u: %4u x %4u, mean %2lu%s\n", f->number, f->width, f->height,
	       pixels ? sum / pixels : 0, m->type == PREVIEW ? ", preview" : "");
}

int main(void)
{
	ipc_conn      *end[2];
	ipc_proc      *proc;
	struct ipc_msg m = {0};
	int            status;

	check("pipe", ipc_pipe(end, IPC_OPTS(ipc_conn_opts, .flags = IPC_CONN_SIMPLEX,
					     .capacity = 3, .name = "frames")));
	check("spawn", ipc_spawn(&proc, camera, end, IPC_OPTS(ipc_proc_opts, .name = "camera")));
	end[1] = ipc_conn_close(end[1]);
	while (ipc_conn_take(end[0], &m, IPC_FOREVER) == 0) {
		show(&m);
		check("release", ipc_conn_release(end[0], &m));
	}
	check("join", ipc_proc_join(proc, IPC_FOREVER, &status));
	proc = ipc_proc_close(proc);
	end[0] = ipc_conn_close(end[0]);
	return status;
}
