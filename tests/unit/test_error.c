#include "support/test.h"

#include <ctype.h>

#include "base/error.h"

static void strerror__every_code_of_the_header__has_a_sentence_of_its_own(void **state)
{
	static const int code[] = {
		0,        -EAGAIN, -ETIMEDOUT, -EPIPE,  -EOWNERDEAD, -EMSGSIZE, -EINVAL,
		-EBADF,   -ENOENT, -EEXIST,    -ENOSPC, -ENOBUFS,    -EACCES,   -EPROTO,
		-EBADMSG, -EPERM,  -ECHILD,    -ESTALE, -ENOMEM,     -EIO,
	};

	for (size_t i = 0; i < N_OF(code); i++) {
		const char *text = ipc_strerror(code[i]);

		assert_non_null(text);
		assert_true(strlen(text) > 6);
		assert_true(islower((unsigned char)text[0]) || code[i] == -EIO);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(text, ipc_strerror(code[k]));
	}
}

/* What the calls that start programs return, too: nothing in it may be wrong of them. */
static void strerror__codes_of_programs__speak_of_them(void **state)
{
	assert_non_null(strstr(ipc_strerror(-EACCES), "program"));
	assert_non_null(strstr(ipc_strerror(-ENOENT), "program"));
}

static void strerror__any_number__is_a_text(void **state)
{
	assert_string_equal(ipc_strerror(1), ipc_strerror(0)); /* a length */
	assert_string_equal(ipc_strerror(INT32_MAX), ipc_strerror(0));
	for (int r = -300; r <= 0; r++)
		assert_true(strlen(ipc_strerror(r)) > 0);
	assert_true(strlen(ipc_strerror(INT32_MIN + 1)) > 0);
	assert_true(strlen(ipc_strerror(INT32_MIN)) > 0);
}

static void fail__formats_and_keeps_errno(void **state)
{
	errno = EXDEV;
	assert_int_equal(fail(-ENOSPC, "no room for %s: %d", "it", 7), -ENOSPC);
	assert_int_equal(errno, EXDEV);
	assert_string_equal(ipc_explain(), "no room for it: 7");
	(void)ipc_strerror(-EIO);
	assert_string_equal(ipc_explain(), "no room for it: 7");
}

static void fail__text_too_long__is_cut(void **state)
{
	char text[5000];

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	(void)fail(-EIO, "%s", text);
	assert_true(strlen(ipc_explain()) > 200);
	assert_true(strlen(ipc_explain()) < sizeof(text) - 1);
}

static void *explain_elsewhere(void *arg)
{
	check(!*ipc_explain()); /* nothing failed in this thread yet */
	(void)fail(-EIO, "elsewhere");
	check(!strcmp(ipc_explain(), "elsewhere"));
	return NULL;
}

static void explain__other_thread__has_its_own(void **state)
{
	(void)fail(-EIO, "here");
	test_join_thread(test_thread(explain_elsewhere, NULL));
	assert_string_equal(ipc_explain(), "here");
}

static void version__is_the_headers(void **state)
{
	assert_string_equal(ipc_version(), IPC_VERSION_STRING);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strerror__every_code_of_the_header__has_a_sentence_of_its_own),
		cmocka_unit_test(strerror__codes_of_programs__speak_of_them),
		cmocka_unit_test(strerror__any_number__is_a_text),
		cmocka_unit_test(fail__formats_and_keeps_errno),
		cmocka_unit_test(fail__text_too_long__is_cut),
		cmocka_unit_test(explain__other_thread__has_its_own),
		cmocka_unit_test(version__is_the_headers),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
