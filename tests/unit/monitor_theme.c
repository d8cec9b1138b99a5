/*
 * monitor_theme.c - looks at every number of colours, and the clipboard's sequences
 */
#include "monitor_fake.h"

#include <stdlib.h>

#include "term/osc52.h"
#include "view/theme.h"

static const int tiers[] = {0, 8, 16, 256, 1 << 24};

static int same(struct paint a, struct paint b)
{
	return a.text == b.text && a.ground == b.ground && a.attributes == b.attributes;
}

/* What must never be taken for one another, however few colours there are. */
static void theme__any_tier__grave_things_differ(void **state)
{
	static const enum role roles[] = {ROLE_NORMAL,    ROLE_WARN,   ROLE_CRITICAL, ROLE_ALARM,
					  ROLE_SELECTION, ROLE_MARKED, ROLE_DIM};
	size_t                 n = sizeof(roles) / sizeof(roles[0]);

	(void)state;
	for (int t = 0; t < N_THEMES; t++)
		for (size_t c = 0; c < sizeof(tiers) / sizeof(tiers[0]); c++)
			for (size_t i = 0; i < n; i++)
				for (size_t k = i + 1; k < n; k++)
					if (same(theme_paint((enum theme)t, roles[i], tiers[c]),
						 theme_paint((enum theme)t, roles[k], tiers[c])))
						fail_msg("%s, %d colours: roles %d and %d",
							 theme_name((enum theme)t), tiers[c],
							 (int)roles[i], (int)roles[k]);
}

static void theme__any_tier__colours_it_has(void **state)
{
	(void)state;
	for (int t = 0; t < N_THEMES; t++)
		for (size_t c = 0; c < sizeof(tiers) / sizeof(tiers[0]); c++)
			for (int r = 0; r < N_ROLES; r++) {
				struct paint p = theme_paint((enum theme)t, (enum role)r, tiers[c]);

				assert_true(p.text >= -1 && p.text < (tiers[c] > 0 ? tiers[c] : 1));
				assert_true(p.ground >= -1 &&
					    p.ground < (tiers[c] > 0 ? tiers[c] : 1));
				if (tiers[c] == 0)
					assert_true(p.text == -1 && p.ground == -1);
			}
}

/* Red against green is what one man in twelve does not see. */
static void theme__colorblind__no_red_no_green(void **state)
{
	(void)state;
	for (int r = 0; r < N_ROLES; r++) {
		struct paint p = theme_paint(THEME_COLORBLIND, (enum role)r, 16);

		assert_true(p.text % 8 != 1 && p.text % 8 != 2);
		assert_true(p.ground % 8 != 1 && p.ground % 8 != 2);
	}
}

static void theme__256__nearest_of_xterm(void **state)
{
	(void)state;
	assert_int_equal(theme_paint(THEME_COLORBLIND, ROLE_WARN, 256).text, 208);
	assert_int_equal(theme_paint(THEME_COLORBLIND, ROLE_OK, 256).text, 75);
	assert_int_equal(theme_paint(THEME_DEFAULT, ROLE_ALARM, 256).ground, 124);
	assert_int_equal(theme_paint(THEME_DEFAULT, ROLE_DIM, 256).text, 245);
	assert_int_equal(theme_paint(THEME_COLORBLIND, ROLE_WARN, 1 << 24).text, 0xff8700);
}

static void osc52__every_length__base64(void **state)
{
	static const struct {
		const char *text, *sequence;
	} cases[] = {
		{"", "\033]52;c;\a"},
		{"a", "\033]52;c;YQ==\a"},
		{"ab", "\033]52;c;YWI=\a"},
		{"abc", "\033]52;c;YWJj\a"},
		{"\xc3\xa9\n", "\033]52;c;w6kK\a"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *s = osc52(cases[i].text, OSC52_PLAIN);

		assert_string_equal(s, cases[i].sequence);
		free(s);
	}
}

static void osc52__wrapped__for_who_is_between(void **state)
{
	char   text[1001], *s, *plain, *p;
	size_t n = 0;

	(void)state;
	s = osc52("abc", OSC52_TMUX);
	assert_string_equal(s, "\033Ptmux;\033\033]52;c;YWJj\a\033\\");
	free(s);
	s = osc52("abc", OSC52_SCREEN);
	assert_string_equal(s, "\033P\033]52;c;YWJj\a\033\\");
	free(s);
	/* Without what lies between the pieces it is the same. */
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	plain = osc52(text, OSC52_PLAIN);
	s = osc52(text, OSC52_SCREEN);
	for (p = s; (p = strstr(p, "\033\\\033P")) != NULL; n++)
		memmove(p, p + 4, strlen(p + 4) + 1);
	assert_true(n >= 4);
	assert_memory_equal(s + 2, plain, strlen(plain));
	free(plain);
	free(s);
}

FAKE_MAIN(theme, cmocka_unit_test(theme__any_tier__grave_things_differ),
	  cmocka_unit_test(theme__any_tier__colours_it_has),
	  cmocka_unit_test(theme__colorblind__no_red_no_green),
	  cmocka_unit_test(theme__256__nearest_of_xterm),
	  cmocka_unit_test(osc52__every_length__base64),
	  cmocka_unit_test(osc52__wrapped__for_who_is_between))
