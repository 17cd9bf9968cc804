// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The budget: how much a block of audio lets the composer do, the first one after a pause less.

#include "budget.h"
#include "desk.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

// Half a second of audio, so long that the load is that of the block alone
enum { RATE = 48000, FRAMES = RATE / 2 };

// A composer in empty land, and a budget that allows it `allowed` operations per block.
struct fixture {
  struct desk desk;
  struct budget budget;
  double allowed;
};

static struct fixture
fixture_new(const double allowed)
{
  struct fixture f = {.desk = desk_new(FAKE_EVENTS, 1), .allowed = allowed};
  const double blocks_per_second = (double)RATE / FRAMES;
  budget_init(&f.budget, RATE, allowed * blocks_per_second * 100.0 / BUDGET_MOST);
  budget_claim(&f.budget, FAKE_STEP_OPERATIONS);
  desk_locate(&f.desk, 0, 0);
  return f;
}

static void
fixture_free(struct fixture *const f)
{
  budget_claim(&f->budget, 0);
  desk_free(&f->desk);
}

// Spend what a block allows; return how many operations it took.
static double
block_spend(struct fixture *const f)
{
  budget_spend(&f->budget, f->desk.composer, FRAMES, false);
  return f->budget.load * f->allowed;
}

// Fail unless a block does `operations`, and no more than a piece of work beyond them, less what the one before overspent.
static void
assert_block_does(struct fixture *const f, const double operations)
{
  const double overspent = (double)-f->budget.credit;
  const double spent = block_spend(f);
  assert_false(composer_is_filled(f->desk.composer)); // There was more to do
  assert_true(spent > operations - overspent - 1.0);
  assert_true(spent < operations - overspent + NETWORK_SLICE + 2.0);
}

static void
the_first_block_does_half_and_the_next_all(void **const state)
{
  (void)state;
  struct fixture f = fixture_new(400000.0);
  assert_block_does(&f, f.allowed / 2.0);
  assert_block_does(&f, f.allowed);
  assert_block_does(&f, f.allowed);
  fixture_free(&f);
}

static void
a_large_block_loses_no_more_than_it_takes_to_read_the_weights(void **const state)
{
  (void)state;
  struct fixture f = fixture_new(2.5 * BUDGET_COLD);
  struct controls controls = controls_default;
  controls.look_ahead = 32 * BEAT; // Enough to do
  composer_set_controls(f.desk.composer, &controls);
  assert_block_does(&f, f.allowed - BUDGET_COLD);
  fixture_free(&f);
}

static void
after_a_pause_the_first_block_does_half_again(void **const state)
{
  (void)state;
  struct fixture f = fixture_new(400000.0);
  while (!composer_is_filled(f.desk.composer)) {
    block_spend(&f);
  }
  assert_true(block_spend(&f) == 0.0); // Nothing is left to do, and this was a pause
  desk_locate(&f.desk, 500, 0);
  assert_block_does(&f, f.allowed / 2.0);
  assert_block_does(&f, f.allowed);
  fixture_free(&f);
}

static void
work_without_bounds_makes_the_next_block_no_first_one(void **const state)
{
  (void)state;
  struct fixture f = fixture_new(400000.0);
  budget_spend(&f.budget, f.desk.composer, FRAMES, true);
  assert_true(composer_is_filled(f.desk.composer));
  desk_locate(&f.desk, 500, 0);
  assert_block_does(&f, f.allowed);
  fixture_free(&f);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_first_block_does_half_and_the_next_all),
      cmocka_unit_test(a_large_block_loses_no_more_than_it_takes_to_read_the_weights),
      cmocka_unit_test(after_a_pause_the_first_block_does_half_again),
      cmocka_unit_test(work_without_bounds_makes_the_next_block_no_first_one),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
