/* SPDX-License-Identifier: Apache-2.0
 *
 * run: build the rooms, run them, take them down in the order in which
 * nothing is lost: the tail stops reading and waits for its batches, the ship
 * sends home what is left, the ledger keeps the dead letters of it, the tail
 * notes it all, the ledger writes it.
 *
 * Thread: main, which is the tail's thread while it runs. Signals, blocked
 * since the beginning, come through a descriptor in its loop.
 */
#include "cli.h"

#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "bequest.h"
#include "clock.h"
#include "config.h"
#include "desk.h"
#include "digest.h"
#include "dry.h"
#include "handoff.h"
#include "host.h"
#include "ledger.h"
#include "log.h"
#include "logs.h"
#include "loop.h"
#include "mem.h"
#include "metrics.h"
#include "predecessor.h"
#include "process.h"
#include "reload.h"
#include "report.h"
#include "service.h"
#include "ship.h"
#include "tail.h"
#include "whereabouts.h"

#define LEDGER_WAIT_MS 5000 /* for a slow disk, at the end */

/* Everything there is, in the order in which it is built. */
struct rooms {
	struct config *config;
	struct host host;
	const struct parser_host *facts; /* of `host`, or NULL */
	struct flow_stats *stats;
	struct loop *loop;
	int signals;   /* signalfd; -1: not yet */
	int ticker;    /* timerfd of the report; -1: not yet */
	bool stopping; /* a signal was heard */
	bool once;     /* to end when all that is there is shipped */
	struct handoff home;
	bool home_made;
	struct ledger *ledger;
	bool letters_hang; /* it still has batches of the tail's */
	struct ship *ship;
	struct tail *tail;
	struct report *report;
	struct metrics *metrics; /* NULL: none wanted, or none to be had */
	struct service *service;
	struct desk *desk;
	struct reload *reload;
	struct handoff answers; /* the ledger's */
	bool answers_made;
	char region[WHEREABOUTS_REGION]; /* found at the start; "": not asked */
};

/* However often we were asked: once, with what the files say now. */
static void
reload(struct rooms *rooms)
{
	bool good;

	log_info(
	    "%s: reading %s again", strsignal(SIGHUP), rooms->config->path);
	service_reloading(rooms->service);
	good = reload_now(rooms->reload);
	if (good && rooms->metrics != NULL)
		metrics_flows(rooms->metrics, rooms->config);
	logs_adopt(rooms->config);
	service_reloaded(rooms->service, good, config_flows(rooms->config));
}

static void
on_signal(void *owner)
{
	struct rooms *rooms = owner;
	struct signalfd_siginfo info;
	bool heard = false, anew = false;

	while (read(rooms->signals, &info, sizeof(info)) ==
	       (ssize_t)sizeof(info)) {
		const char *name = strsignal((int)info.ssi_signo);

		/* The kernel's says that our terminal is gone, which may come
		 * beside another; anybody else's that we should reload. */
		if (info.ssi_signo == SIGHUP &&
		    (rooms->stopping || info.ssi_code != SI_KERNEL)) {
			anew = true;
			continue;
		}
		if (rooms->stopping)
			log_info("%s: not waiting for answers", name);
		else
			log_info("%s: stopping; answers are waited for up to "
				 "%" PRId64 " ms, or until a second signal",
			    name, rooms->config->shutdown_ms);
		heard = true;
	}
	if (heard) {
		service_stopping(rooms->service);
		tail_stop(rooms->tail);
	}
	rooms->stopping = rooms->stopping || heard;
	/* Who ends by itself ends with what it was to do. */
	if (anew && !rooms->stopping && !rooms->once)
		reload(rooms);
}

static int
catch_signals(struct rooms *rooms)
{
	sigset_t set;

	process_signals(&set);
	rooms->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (rooms->signals < 0) {
		log_error("signals: %s", strerror(errno));
		return -1;
	}
	return loop_add(rooms->loop, rooms->signals, on_signal, rooms);
}

static void
on_tick(void *owner)
{
	struct rooms *rooms = owner;
	uint64_t times;

	if (read(rooms->ticker, &times, sizeof(times)) != sizeof(times))
		return;
	report_news(rooms->report);
	log_settle(clock_ms());
}

static int
start_ticker(struct rooms *rooms)
{
	struct timespec pause = { rooms->config->status_s, 0 };
	struct itimerspec every = { pause, pause };

	if (pause.tv_sec == 0)
		return 0;
	rooms->ticker =
	    timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (rooms->ticker < 0 ||
	    timerfd_settime(rooms->ticker, 0, &every, NULL) != 0) {
		log_error("timer: %s", strerror(errno));
		return -1;
	}
	return loop_add(rooms->loop, rooms->ticker, on_tick, rooms);
}

static void
restore(void *owner, const struct checkpoint *row)
{
	struct rooms *rooms = owner;

	tail_restore(rooms->tail, row);
}

static void
left_lane(void *owner, size_t lane)
{
	reload_left_lane(((struct rooms *)owner)->reload, lane);
}

static void
left_slot(void *owner, size_t slot)
{
	struct rooms *rooms = owner;

	reload_left_slot(rooms->reload, slot);
	if (rooms->metrics != NULL)
		metrics_flows(rooms->metrics, rooms->config);
}

static void
make_reload(struct rooms *rooms)
{
	rooms->reload = reload_new(&(struct reload_rooms){
	    .config = rooms->config,
	    .stats = rooms->stats,
	    .ship = rooms->ship,
	    .tail = rooms->tail,
	    .region = rooms->region,
	    .host_known = rooms->facts != NULL,
	});
}

static int
build_tail(struct rooms *rooms)
{
	struct tail_doors doors = {
		.loop = rooms->loop,
		.home = &rooms->home,
		.to_ship = ship_inbox(rooms->ship),
		.to_ledger = ledger_inbox(rooms->ledger),
		.to_letters =
		    ledger_letters(rooms->ledger, rooms->stats, &rooms->home),
		.answers = &rooms->answers,
		.host = rooms->facts,
		.left_lane = left_lane,
		.left_slot = left_slot,
		.owner = rooms,
	};

	if (doors.to_letters == NULL)
		return -1;
	rooms->tail = tail_new(rooms->config, rooms->stats, &doors);
	if (rooms->tail == NULL)
		return -1;
	for (size_t i = 0; i < rooms->config->flow_count; i++) {
		const struct flow_config *flow = &rooms->config->flows[i];

		if (!config_flow_is_empty(flow) &&
		    ledger_knows_flow(rooms->ledger, flow->name))
			tail_know_flow(rooms->tail, i);
	}
	return ledger_load(rooms->ledger, restore, rooms);
}

/* The rooms are there: who asks is answered. */
static int
open_desk(struct rooms *rooms)
{
	struct desk_doors doors = {
		.loop = rooms->loop,
		.config = rooms->config,
		.stats = rooms->stats,
		.tail = rooms->tail,
		.started_ms = clock_wall_ms(),
	};

	rooms->desk = desk_new(&doors);
	return rooms->desk != NULL ? 0 : -1;
}

static int
build(struct rooms *rooms)
{
	const struct config *config = rooms->config;

	if (digest_setup() != 0)
		return -1;
	rooms->stats = mem_new_array(config->flow_count, sizeof(*rooms->stats));
	rooms->report = report_new(config, rooms->stats);
	if (config->metrics_port != 0)
		rooms->metrics = metrics_new(config, rooms->stats);
	rooms->loop = loop_new();
	if (rooms->loop == NULL || catch_signals(rooms) != 0 ||
	    start_ticker(rooms) != 0)
		return -1;
	rooms->home_made = handoff_init(&rooms->home) == 0;
	rooms->answers_made = handoff_init(&rooms->answers) == 0;
	if (!rooms->home_made || !rooms->answers_made)
		return -1;
	rooms->ledger = ledger_open(config);
	if (rooms->ledger == NULL)
		return -1;
	ledger_answers(rooms->ledger, &rooms->answers);
	rooms->ship = ship_new(config, rooms->stats, &rooms->home);
	if (rooms->ship == NULL)
		return -1;
	rooms->service = service_new(rooms->loop, rooms->ship, rooms->ledger);
	if (rooms->service == NULL)
		return -1;
	if (build_tail(rooms) != 0)
		return -1;
	make_reload(rooms);
	return open_desk(rooms);
}

/* What was answered, and nobody waits for it any more. */
static void
end_answers(struct rooms *rooms)
{
	struct list_node left, *node;

	if (!rooms->answers_made)
		return;
	list_init(&left);
	handoff_take(&rooms->answers, &left);
	while ((node = list_take_first(&left)) != NULL)
		notice_free(LIST_ENTRY(node, struct notice, node));
	handoff_fini(&rooms->answers);
}

/* Without a way back: a thread hangs in the kernel, and what it may touch
 * stays as it is until the process is gone. */
static void
leave(int code)
{
	logs_end();
	_exit(code);
}

/* A ledger that hangs is left alone: what it may yet touch stays, and nothing
 * that a library has put up for the end of the process may run under it. */
static void
close_ledger(struct ledger *ledger, int *code)
{
	enum ledger_end end = ledger_close(ledger, LEDGER_WAIT_MS);

	if (end != LEDGER_NOTED && *code == EXIT_DONE)
		*code = EXIT_UNNOTED;
	if (end == LEDGER_HANGS)
		leave(*code);
}

static void
take_down(struct rooms *rooms, int *code)
{
	if (rooms->letters_hang)
		leave(EXIT_UNNOTED);
	desk_free(rooms->desk);
	metrics_free(rooms->metrics);
	service_free(rooms->service);
	tail_free(rooms->tail);
	ship_free(rooms->ship);
	close_ledger(rooms->ledger, code);
	reload_free(rooms->reload);
	end_answers(rooms);
	if (rooms->home_made)
		handoff_fini(&rooms->home);
	if (rooms->signals >= 0)
		(void)close(rooms->signals);
	if (rooms->ticker >= 0)
		(void)close(rooms->ticker);
	loop_free(rooms->loop);
	report_free(rooms->report);
	free(rooms->stats);
	config_free(rooms->config);
}

static int
prepare_process(const struct config *config)
{
	/* Three threads need no arena each: it would cost megabytes. */
	(void)mallopt(M_ARENA_MAX, 1);
	/* Every request takes and frees 112 KiB: giving them back and asking
	 * again each time is 20 page faults. The ship trims when it is idle. */
	(void)mallopt(M_TRIM_THRESHOLD, 4 << 20);
	logs_settle(config);
	return process_descriptors();
}

static int
find_region(struct config *config, char region[static WHEREABOUTS_REGION])
{
	char why[600] = "";
	bool found;

	if (!config_lacks_region(config))
		return 0;
	found = whereabouts_find(config, region, why, sizeof(why));
	if (!found)
		region[0] = '\0';
	return config_settle_region(config, found ? region : NULL, why);
}

int
run_main(const struct cli_options *options)
{
	struct rooms rooms = {
		.signals = -1, .ticker = -1, .once = options->once
	};
	int code = EXIT_REFUSED;

	if (options->dry_run)
		return dry_main(options);
	if (options->from_start || options->json)
		return cli_refuse(options->json ? "--json" : "--from-start",
		    "run has it with --dry-run");
	process_begin();
	logs_begin();
	rooms.config = config_load(options->config_path);
	if (rooms.config == NULL)
		return EXIT_REFUSED;
	if (!predecessor_is_gone() || !bequest_is_fine(rooms.config)) {
		config_free(rooms.config);
		return EXIT_REFUSED;
	}
	if (prepare_process(rooms.config) != 0 ||
	    find_region(rooms.config, rooms.region) != 0)
		goto down;
	config_make_room(rooms.config);
	rooms.facts = host_find(&rooms.host, rooms.config, rooms.config->flows,
	    rooms.config->flow_count);
	if (build(&rooms) != 0)
		goto down;
	if (ledger_start(rooms.ledger) != 0 || ship_start(rooms.ship) != 0)
		goto down;
	log_info("kinesis-agent " AGENT_VERSION ": %zu flow%s, checkpoints in "
		 "%s",
	    config_flows(rooms.config),
	    config_flows(rooms.config) > 1 ? "s" : "",
	    ledger_path(rooms.ledger));
	service_ready(rooms.service);
	if (options->once)
		tail_once(rooms.tail);
	tail_run(rooms.tail);
	ship_stop(rooms.ship);
	tail_gather(rooms.tail);
	rooms.letters_hang =
	    ledger_end_letters(rooms.ledger, LEDGER_WAIT_MS) != 0;
	tail_finish(rooms.tail);
	report_end(rooms.report);
	code = EXIT_DONE;
	if (options->once && !tail_tell_rest(rooms.tail))
		code = EXIT_LEFT;
down:
	take_down(&rooms, &code);
	logs_end();
	return code;
}
