#ifndef WORDCOUNT_TEXT_H
#define WORDCOUNT_TEXT_H

/*
 * text.h - the files of a tree, and the words of a file
 *
 * A word is a run of ASCII letters and underscores, in lower case, cut after WORD_MAX bytes. Any
 * other byte ends it, so every file has a defined count, be it text or not.
 */

#include <stddef.h>
#include <stdint.h>

/**
 * Call @file for each regular file below @dir, or for @dir itself if it is one. Symbolic links
 * are not followed. *@unreadable is raised for each folder that cannot be read, and for each
 * path too long to be opened.
 *
 * Ends early when @file returns anything but 0. Return: that, or negative errno if @dir cannot
 * be read at all.
 */
int tree_walk(const char *dir, int (*file)(void *arg, const char *path), void *arg,
	      uint64_t *unreadable);

/**
 * Call @word for each word of the file @path, reading it piece by piece.
 *
 * Ends early when @word returns anything but 0. *@bytes is raised by what was read.
 * Return: 0; what @word returned; or 1: the file could not be read (to its end).
 */
int file_words(const char *path, int (*word)(void *arg, const char *word, size_t len), void *arg,
	       uint64_t *bytes);

#endif /* WORDCOUNT_TEXT_H */
