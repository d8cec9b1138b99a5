#ifndef VIEW_ACTION_H
#define VIEW_ACTION_H

/*
 * action.h - what keys do: the functions that the table in key.c names
 *
 * Each gets the state, the frame on the screen (its s may be NULL) and the number
 * that stands in its row of the table; each returns UI_* bits.
 */

#include "view/ui.h"

typedef unsigned action_fn(struct ui *ui, const struct frame *f, int arg);

/* ---- ui.c: what concerns the whole program --------------------------------- */

action_fn ui_freeze, ui_redraw, ui_suspend, ui_save, ui_quit;

/** @arg: how many readings on, or back. */
action_fn ui_scrub;

/** Home (@arg < 0) and End: of a list; where the display is frozen, of what was seen. */
action_fn ui_home;

action_fn ui_record;

/** @arg > 0: read less often; < 0: more often. */
action_fn ui_interval;

/* ---- ui_page.c: which view, which page over it ------------------------------ */

/** @arg: enum view. */
action_fn ui_show;

/** @arg: how many views further, or back. */
action_fn ui_step_view;

/** The events that are lints alone, or all of them. */
action_fn ui_lints;

action_fn ui_help, ui_detail, ui_sites, ui_trace, ui_back;

/** Channels and processes by what passed in all, or else by rates. */
action_fn ui_totals;

/* ---- ui_graph.c: along the chains of waits --------------------------------- */

/** The trees, or else the same as a list. */
action_fn ui_tree;

/** The ways of messages, or else the trees. */
action_fn ui_topology;

/** To whoever keeps the selected one waiting. */
action_fn ui_follow_wait;

/* ---- ui_list.c: within a list, or within the lines of a page ----------------- */

enum move { MOVE_UP, MOVE_DOWN, MOVE_PAGE_UP, MOVE_PAGE_DOWN, MOVE_FIRST, MOVE_LAST };

/** @arg: enum move. */
action_fn ui_move;

/** @arg: how many columns further, or back. */
action_fn ui_sort;

action_fn ui_invert;

/* ---- ui_object.c: with the selected object ------------------------------------- */

action_fn ui_follow, ui_mark, ui_expand, ui_copy_it;

/* ---- setup.c ---------------------------------------------------------------------- */

action_fn ui_setup;

/* ---- ui_edit.c: text being typed -------------------------------------------- */

/** @arg: enum edit_kind. */
action_fn ui_edit;

/* ---- ui_search.c --------------------------------------------------------------- */

/** @arg: 1: the next one; -1: the one before. */
action_fn ui_search;

#endif
