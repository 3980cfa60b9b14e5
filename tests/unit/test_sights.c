/* SPDX-License-Identifier: Apache-2.0
 *
 * What may be seen of the files that are followed, while they come and go.
 */
#include "sights.h"
#include "tail_world.h"

static int
set_up(void **state)
{
	struct world *w = mem_new(sizeof(*w));

	world_init(w);
	*state = w;
	return 0;
}

static int
tear_down(void **state)
{
	world_fini(*state);
	free(*state);
	return 0;
}

/* The place that `text` ends the path of, in a walk of its own. */
static struct sight
sight_of(struct world *w, const char *text)
{
	struct sights *s = sights_new(w->tail);
	struct sight one, found = { .flow = SIZE_MAX };

	while (sights_next(s, &one)) {
		size_t len = strlen(one.path), n = strlen(text);

		if (len >= n && strcmp(one.path + len - n, text) == 0)
			found = one;
	}
	sights_free(s);
	return found;
}

static void
a_file_is_behind_until_it_is_delivered(void **state)
{
	struct world *w = *state;
	struct sight one;

	world_start(w);
	world_log(w, "x.log", "one\ntwo\n");
	world_pass(w, 50);
	one = sight_of(w, "/x.log");
	assert_int_equal(one.state, SIGHT_WAITING);
	assert_int_equal(one.size, 8);
	assert_int_equal(one.offset, 8);
	assert_int_equal(one.committed, 0);
	assert_true(one.named);
	assert_false(one.polled);
	world_flow(w, 50);
	assert_int_equal(sight_of(w, "/x.log").committed, 8);
	assert_true(sight_of(w, "/x.log").row > 0);
	assert_int_equal(sight_of(w, "/y.log").flow, SIZE_MAX);
}

static void
a_rotated_file_is_one_until_it_has_been_quiet(void **state)
{
	struct world *w = *state;
	struct sight one;

	world_start(w);
	world_log(w, "x.log", "one\n");
	world_flow(w, 50);
	world_rename(w, "x.log", "x.log.1");
	world_flow(w, 50);
	one = sight_of(w, "/x.log.1");
	assert_int_equal(one.state, SIGHT_ROTATED);
	assert_int_equal(one.committed, 4);
	world_flow(w, 15000);
	assert_int_equal(sight_of(w, "/x.log.1").state, SIGHT_WAITING);
}

static void
a_place_is_found_by_its_file(void **state)
{
	struct world *w = *state;
	struct identity id;
	struct sight one;

	world_log(w, "x.log", "one\n");
	world_start(w);
	world_flow(w, 50);
	assert_int_equal(tail_row_identify(world_path(w, "x.log"), &id), 0);
	assert_true(sights_of(w->tail, &id, 0, &one));
	assert_string_equal(one.path, world_path(w, "x.log"));
	assert_false(sights_of(w->tail, &id, 1, &one));
	id.ino++;
	assert_false(sights_of(w->tail, &id, 0, &one));
}

static void
count_place(unsigned *met, const struct sight *one)
{
	const char *name = strrchr(one->path, '/') + 1;

	assert_true(name[0] >= 'a' && name[0] <= 'z');
	met[name[0] - 'a']++;
}

static void
who_walks_meets_those_that_stay_once_whatever_comes_and_goes(void **state)
{
	struct world *w = *state;
	unsigned met[26] = { 0 };
	char name[] = "a.log";
	struct sights *s;
	struct sight one;

	world_start(w);
	for (name[0] = 'a'; name[0] <= 'h'; name[0]++)
		world_log(w, name, "line\n");
	world_flow(w, 50);
	s = sights_new(w->tail);
	assert_true(sights_next(s, &one));
	count_place(met, &one);
	assert_true(sights_next(s, &one));
	count_place(met, &one);
	/* Where it stands, what comes next, and what is behind it. */
	assert_int_equal(unlink(world_path(w, "a.log")), 0);
	assert_int_equal(unlink(world_path(w, "b.log")), 0);
	assert_int_equal(unlink(world_path(w, "c.log")), 0);
	world_log(w, "z.log", "line\n");
	world_flow(w, 15000);
	while (sights_next(s, &one))
		count_place(met, &one);
	assert_false(sights_next(s, &one));
	sights_free(s);
	for (int i = 'd' - 'a'; i <= 'h' - 'a'; i++)
		assert_int_equal(met[i], 1);
	assert_int_equal(met[0], 1);
	assert_int_equal(met['b' - 'a'], 1);
	assert_int_equal(met['c' - 'a'], 0);
	assert_int_equal(met['z' - 'a'], 1);
}

static void
a_walk_may_be_left(void **state)
{
	struct world *w = *state;
	struct sights *s;
	struct sight one;

	world_log(w, "x.log", "one\n");
	world_start(w);
	s = sights_new(w->tail);
	assert_true(sights_next(s, &one));
	sights_free(s);
	sights_free(sights_new(w->tail));
	sights_free(NULL);
	assert_int_equal(unlink(world_path(w, "x.log")), 0);
	world_flow(w, 15000);
	assert_int_equal(sight_of(w, "/x.log").flow, SIZE_MAX);
}

#define PROMISE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PROMISE(a_file_is_behind_until_it_is_delivered),
		PROMISE(a_rotated_file_is_one_until_it_has_been_quiet),
		PROMISE(a_place_is_found_by_its_file),
		PROMISE(
		    who_walks_meets_those_that_stay_once_whatever_comes_and_goes),
		PROMISE(a_walk_may_be_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
