#include "symbols.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "model/procfs.h"
#include "model/table.h"
#include "text/mem.h"
#include "text/utf8.h"

#define SITE_MAX 160
#define N_SITES  65536 /* more are not looked up: a guard against a leak, picked, never reached */

/* Any address no module is at: position-independent files are given this one. */
#define BASE UINT64_C(0x10000000)

/* One ELF file, opened once for all processes that run it. */
struct image {
	struct image *next;
	char         *key;  /* build id or device and inode, see image_key() */
	Dwfl         *dwfl; /* NULL: nothing can be read of it */
	Dwfl_Module  *module;
	uint64_t      bias; /* address in dwfl - the ELF file's own */
};

struct site {
	char text[SITE_MAX];
};

struct symbols {
	struct image *images;
	struct table  sites; /* by program, or process, and address */
	int           recorded;
};

static char *no_path;

/* No debuginfod: a screen must not wait for a network. */
static const Dwfl_Callbacks callbacks = {
	.find_elf = dwfl_build_id_find_elf,
	.find_debuginfo = dwfl_standard_find_debuginfo,
	.debuginfo_path = &no_path,
};

struct symbols *symbols_new(void)
{
	unsetenv("DEBUGINFOD_URLS");
	return mem_new(1, sizeof(struct symbols));
}

struct symbols *symbols_recorded(void)
{
	struct symbols *s = mem_new(1, sizeof(*s));

	s->recorded = 1;
	return s;
}

void symbols_free(struct symbols *s)
{
	if (s == NULL)
		return;
	while (s->images != NULL) {
		struct image *i = s->images;

		s->images = i->next;
		if (i->dwfl != NULL)
			dwfl_end(i->dwfl);
		free(i->key);
		free(i);
	}
	table_fini(&s->sites);
	free(s);
}

/* ---- files --------------------------------------------------------------------- */

static void image_read(struct image *image, const char *path, int fd)
{
	GElf_Addr bias;

	image->dwfl = dwfl_begin(&callbacks);
	if (image->dwfl == NULL)
		return;
	dwfl_report_begin(image->dwfl);
	image->module = dwfl_report_elf(image->dwfl, path, path, dup(fd), BASE, true);
	dwfl_report_end(image->dwfl, NULL, NULL);
	if (image->module == NULL || dwfl_module_getelf(image->module, &bias) == NULL) {
		dwfl_end(image->dwfl);
		image->dwfl = NULL;
		return;
	}
	image->bias = bias;
}

static int has_build_id(const struct image *image, const uint8_t *id, size_t n)
{
	const unsigned char *bits;
	GElf_Addr            where;

	return image->dwfl != NULL &&
	       dwfl_module_build_id(image->module, &bits, &where) == (int)n &&
	       memcmp(bits, id, n) == 0;
}

static struct image *image_of(struct symbols *s, const char *path)
{
	struct image *i;
	struct stat   st;
	char          key[64];
	int           fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return NULL;
	}
	/* A file that is written anew is another one. */
	snprintf(key, sizeof(key), "%u:%u.%ju.%jd.%ld", major(st.st_dev), minor(st.st_dev),
		 (uintmax_t)st.st_ino, (intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	for (i = s->images; i != NULL; i = i->next)
		if (strcmp(i->key, key) == 0)
			break;
	if (i == NULL) {
		i = mem_new(1, sizeof(*i));
		i->key = mem_string(key);
		i->next = s->images;
		s->images = i;
		image_read(i, path, fd);
	}
	close(fd);
	return i;
}

/*
 * The program of @p. Its path may lead to a newer build by now, or in a
 * container to another file altogether; /proc/PID/exe is what really runs, as
 * long as it does.
 */
static struct image *program_of(struct symbols *s, const struct ipc_obs_process *p)
{
	struct image *i = p->exe[0] == '/' ? image_of(s, p->exe) : NULL;
	char          path[48];

	if (i != NULL && (p->build_id_len == 0 || has_build_id(i, p->build_id, p->build_id_len)))
		return i;
	if (p->foreign_ns || p->life == IPC_OBS_DEAD)
		return NULL;
	snprintf(path, sizeof(path), "/proc/%" PRIu64 "/exe", p->pid);
	i = image_of(s, path);
	if (i != NULL && p->build_id_len > 0 && !has_build_id(i, p->build_id, p->build_id_len))
		return NULL;
	return i;
}

/* ---- lines ---------------------------------------------------------------------- */

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* The innermost function around @at, also one the compiler has inlined. */
static const char *function_at(struct image *image, Dwarf_Addr at)
{
	Dwarf_Addr  bias;
	Dwarf_Die  *cu = dwfl_module_addrdie(image->module, at, &bias), *scopes = NULL;
	const char *name = NULL;
	int         n = cu != NULL ? dwarf_getscopes(cu, at - bias, &scopes) : 0;

	for (int i = 0; i < n && name == NULL; i++) {
		int tag = dwarf_tag(&scopes[i]);

		if (tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine)
			name = dwarf_diename(&scopes[i]);
	}
	free(scopes);
	return name != NULL ? name : dwfl_module_addrname(image->module, at);
}

/* @address: the ELF file's own. Returns 0 if there is nothing to say but the offset. */
static int describe(struct image *image, uint64_t address, char *ret, size_t size)
{
	Dwarf_Addr  at = address + image->bias;
	Dwfl_Line  *line;
	const char *file = NULL, *function;
	int         number = 0;

	if (image->dwfl == NULL)
		return 0;
	line = dwfl_module_getsrc(image->module, at);
	if (line != NULL)
		file = dwfl_lineinfo(line, NULL, &number, NULL, NULL, NULL);
	function = function_at(image, at);
	if (file != NULL && function != NULL)
		snprintf(ret, size, "%s:%d %s", last_part(file), number, function);
	else if (file != NULL)
		snprintf(ret, size, "%s:%d", last_part(file), number);
	else if (function != NULL)
		snprintf(ret, size, "%s", function);
	return file != NULL || function != NULL;
}

static void plain(char *ret, size_t size, const char *path, uint64_t offset)
{
	snprintf(ret, size, "%.96s+0x%" PRIx64, path[0] != 0 ? last_part(path) : "?", offset);
}

/* ---- shared objects ---------------------------------------------------------------- */

/* From a place in the file to the address the file itself has for it. */
static int own_address(struct image *image, uint64_t offset, uint64_t *ret)
{
	GElf_Addr bias;
	Elf      *elf = image->dwfl != NULL ? dwfl_module_getelf(image->module, &bias) : NULL;
	size_t    n;

	if (elf == NULL || elf_getphdrnum(elf, &n) < 0)
		return 0;
	for (size_t i = 0; i < n; i++) {
		GElf_Phdr h;

		if (gelf_getphdr(elf, (int)i, &h) == NULL || h.p_type != PT_LOAD ||
		    offset < h.p_offset || offset >= h.p_offset + h.p_filesz)
			continue;
		*ret = offset - h.p_offset + h.p_vaddr;
		return 1;
	}
	return 0;
}

static void in_shared_object(struct symbols *s, const struct ipc_obs_process *p, uint64_t address,
			     char *ret, size_t size)
{
	struct procfs_mapping m;
	struct image         *image;
	char                  rooted[560];
	uint64_t              own;

	if (s->recorded || p->foreign_ns || p->life == IPC_OBS_DEAD ||
	    procfs_mapping(p->pid, address, &m) < 0) {
		plain(ret, size, "", address);
		return;
	}
	/* As the process sees its files: it may live in a container. */
	snprintf(rooted, sizeof(rooted), "/proc/%" PRIu64 "/root%s", p->pid, m.path);
	image = image_of(s, rooted);
	if (image == NULL)
		image = image_of(s, m.path);
	if (image == NULL || !own_address(image, address - m.first + m.offset, &own) ||
	    !describe(image, own, ret, size))
		plain(ret, size, m.path, address - m.first + m.offset);
}

/* ---- answers ------------------------------------------------------------------------ */

static void find(struct symbols *s, const struct ipc_obs_process *p, uint64_t address, char *ret,
		 size_t size)
{
	struct image *image;

	if (address < p->exe_base || address >= p->exe_end) {
		in_shared_object(s, p, address, ret, size);
		return;
	}
	image = s->recorded ? NULL : program_of(s, p);
	if (image == NULL || !describe(image, address - p->exe_base, ret, size))
		plain(ret, size, p->exe[0] != 0 ? p->exe : p->name, address - p->exe_base);
}

static uint64_t key_of(uint64_t whose, uint64_t address)
{
	/* Two addresses of one program that mix to the same key would need 2^32 of them. */
	return (whose * UINT64_C(0xd6e8feb86659fd93)) ^ address;
}

/* Processes of one program share what is known of it; what was recorded is of one process. */
static uint64_t site_key(const struct symbols *s, const struct ipc_obs_process *p, uint64_t address)
{
	uint64_t program;

	if (s->recorded || address < p->exe_base || address >= p->exe_end || p->build_id_len < 16)
		return key_of(p->id, address);
	memcpy(&program, p->build_id, sizeof(program));
	return key_of(program, address - p->exe_base);
}

void symbols_tell(struct symbols *s, const struct ipc_obs_process *p, uint64_t address,
		  const char *text)
{
	struct site *site;

	if (s->sites.n >= N_SITES)
		return;
	site = table_get(&s->sites, site_key(s, p, address), sizeof(*site));
	utf8_copy(site->text, sizeof(site->text), text);
}

const char *symbols_known(const struct symbols *s, const struct ipc_obs_process *p,
			  uint64_t address)
{
	const struct site *site = table_find(&s->sites, site_key(s, p, address));

	return site != NULL ? site->text : NULL;
}

const char *symbols_text(struct symbols *s, const struct ipc_obs_process *p, uint64_t address)
{
	const char  *known = symbols_known(s, p, address);
	struct site *site;

	if (known != NULL)
		return known;
	if (s->sites.n >= N_SITES)
		return "";
	site = table_get(&s->sites, site_key(s, p, address), sizeof(*site));
	/* the call stands before the address it returns to */
	find(s, p, address - 1, site->text, sizeof(site->text));
	return site->text;
}

void symbols_site(struct symbols *s, const struct ipc_obs_process *p, uint64_t address, char *ret,
		  size_t size)
{
	utf8_copy(ret, size, symbols_text(s, p, address));
}
