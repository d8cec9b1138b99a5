/*
 * driver.c - main() of a target where there is no libFuzzer
 *
 *     TARGET [-n RUNS] [-t SECONDS] [-s SEED] FILE|DIRECTORY...
 *
 * Runs the inputs in the files, then others made of them at random: bytes changed, parts
 * of several put together. The first line says how the random ones can be had again.
 */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fuzz/fuzz.h"

#define INPUT_MAX 4096
#define FILES_MAX 4096

struct input {
	uint8_t bytes[INPUT_MAX];
	size_t  len;
};

static struct input *seeds;
static size_t        n_seeds;
static uint64_t      state;

static uint32_t pick(uint32_t n)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return n ? (uint32_t)(state >> 33) % n : 0;
}

static void add_file(const char *path)
{
	FILE         *from = fopen(path, "rb");
	struct input *in = &seeds[n_seeds];

	if (!from || n_seeds == FILES_MAX)
		return;
	in->len = fread(in->bytes, 1, INPUT_MAX, from);
	(void)fclose(from);
	n_seeds++;
}

/* Sorted: in another order a seed makes other inputs. */
static void add(const char *path)
{
	struct dirent **list;
	int             n = scandir(path, &list, NULL, alphasort);
	char            name[1024];

	if (n < 0) {
		add_file(path);
		return;
	}
	for (int i = 0; i < n; i++) {
		if (list[i]->d_name[0] != '.' && snprintf(name, sizeof(name), "%s/%s", path,
							  list[i]->d_name) < (int)sizeof(name))
			add_file(name);
		free(list[i]);
	}
	free(list);
}

static void append(struct input *to, const struct input *from, size_t at, size_t len)
{
	if (len > INPUT_MAX - to->len)
		len = INPUT_MAX - to->len;
	memcpy(to->bytes + to->len, from->bytes + at, len);
	to->len += len;
}

static void make_up(struct input *in)
{
	static const uint8_t often[] = {0, 1, 2, 7, 0x40, 0x7f, 0x80, 0xff};

	in->len = 0;
	for (uint32_t n = 1 + pick(3); n && n_seeds; n--) {
		const struct input *from = &seeds[pick((uint32_t)n_seeds)];
		size_t              at = from->len ? pick((uint32_t)from->len) : 0;

		append(in, from, at - at % 12, from->len - (at - at % 12));
	}
	while (in->len < 12 * (1 + pick(4)))
		in->bytes[in->len++] = (uint8_t)pick(256);
	for (uint32_t n = pick(8); n; n--)
		in->bytes[pick((uint32_t)in->len)] = pick(2) ? often[pick(sizeof(often))]
							     : (uint8_t)pick(256);
}

int main(int argc, char **argv)
{
	static struct input in;
	long                runs = 0;
	time_t              end = 0;
	int                 c;

	seeds = calloc(FILES_MAX, sizeof(*seeds));
	state = (uint64_t)time(NULL);
	while ((c = getopt(argc, argv, "n:t:s:")) != -1) {
		if (c == 'n')
			runs = strtol(optarg, NULL, 0);
		else if (c == 't')
			end = time(NULL) + strtol(optarg, NULL, 0);
		else if (c == 's')
			state = strtoull(optarg, NULL, 0);
		else
			return 2;
	}
	printf("%s -s %llu\n", argv[0], (unsigned long long)state);
	(void)fflush(stdout);
	if (!seeds || LLVMFuzzerInitialize(&argc, &argv))
		return 1;
	for (int i = optind; i < argc; i++)
		add(argv[i]);
	for (size_t i = 0; i < n_seeds; i++)
		(void)LLVMFuzzerTestOneInput(seeds[i].bytes, seeds[i].len);
	for (c = 0; c < runs || time(NULL) < end; c++) {
		make_up(&in);
		(void)LLVMFuzzerTestOneInput(in.bytes, in.len);
	}
	printf("%zu seeds and %d others\n", n_seeds, c);
	free(seeds);
	return 0;
}
