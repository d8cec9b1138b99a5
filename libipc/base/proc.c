#include "base/proc.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

uint64_t proc_start_ticks(void)
{
	char        text[1024];
	const char *at;
	int         fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	ssize_t     n;

	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	at = strrchr(text, ')'); /* the name before it may hold anything, spaces too */
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at, NULL, 10) : 0;
}

uint64_t proc_pid_namespace(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) == 0 ? (uint64_t)st.st_ino : 0;
}

static void note_build_id(const char *at, size_t bytes, struct proc_program *p)
{
	while (bytes >= sizeof(ElfW(Nhdr))) {
		const ElfW(Nhdr) *note = (const void *)at;
		size_t name = ((size_t)note->n_namesz + 3) & ~(size_t)3;
		size_t desc = ((size_t)note->n_descsz + 3) & ~(size_t)3;

		if (name > bytes || desc > bytes || sizeof(*note) + name + desc > bytes)
			return;
		at += sizeof(*note);
		if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 &&
		    !memcmp(at, "GNU", 4) && note->n_descsz <= sizeof(p->build_id)) {
			p->build_id_len = note->n_descsz;
			memcpy(p->build_id, at + name, note->n_descsz);
			return;
		}
		at += name + desc;
		bytes -= sizeof(*note) + name + desc;
	}
}

/* The first object of dl_iterate_phdr() is the program itself. */
static int first_object(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct proc_program *p = arg;

	(void)size;
	p->base = info->dlpi_addr;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *h = &info->dlpi_phdr[i];
		uint64_t start = info->dlpi_addr + h->p_vaddr;

		if (h->p_type == PT_LOAD && start + h->p_memsz > p->end)
			p->end = start + h->p_memsz;
		if (h->p_type == PT_NOTE)
			note_build_id((const char *)start, h->p_memsz,
				      p); // NOLINT(performance-no-int-to-ptr)
	}
	return 1;
}

void proc_program(struct proc_program *ret)
{
	ssize_t n;

	memset(ret, 0, sizeof(*ret));
	n = readlink("/proc/self/exe", ret->path, sizeof(ret->path));
	if (n < 0 || (size_t)n >= sizeof(ret->path))
		n = 0; /* a cut path would name another file */
	ret->path[n] = '\0';
	(void)dl_iterate_phdr(first_object, ret);
}
