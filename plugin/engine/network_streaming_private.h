// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The insides of a `streaming` network: its weights as the kernels want them, its state, and the phases of a step.
//
// A step is a row of phases; a phase is a number of equal pieces (rows of a matrix, units of an LSTM, slots of the memory),
// of which any number can be done at a time. The state knows the phase and the next piece: that is all it takes to stop and
// go on. Letters as in streaming_layout.h.

#ifndef RITORNELLO_NETWORK_STREAMING_PRIVATE_H
#define RITORNELLO_NETWORK_STREAMING_PRIVATE_H

#include "arena.h"
#include "kept.h"
#include "kernels.h"
#include "network_streaming.h"

enum {
  STREAMING_TABLES = TENSOR_CONDITION_METRE + 1, ///< The tensors whose rows are added up to x_t
  STREAMING_BARS = 2048,                         ///< Bars ago from which on all are of one class
  VALUE_MOST = 127,                              ///< The largest integer in values
  WEIGHT_MOST = 16383,                           ///< The largest among their weights
  FLUSHED_GROUPS = 64,                           ///< Groups whose weighted sums are added up as integers, below 2^31
  STREAMING_RECALL = 2048,                       ///< Bytes of a piece of PHASE_RECALL, at most
  LOGITS_SIZE = 128,                             ///< At least the classes of any field
  STREAMING_SAVES = NETWORK_REWIND + 128,        ///< States saved to go back to: some more, by the longest segment
#if defined(RITORNELLO_FUZZ)
  STREAMING_KEPT = 512, // Quickly made
  STREAMING_WAYMARKS = 64,
#else
  STREAMING_KEPT = 8192,    ///< Events that whole states are kept of, beside as many as are in memory
  STREAMING_WAYMARKS = 640, ///< Waymarks that are kept
#endif
  STREAMING_WAY = 256, ///< Events from one waymark to the next, or a quarter of the memory if that is more
};

/// The phases of a step, in the order in which they come. Those of the backward encoder come once per step of a completed
/// segment, PHASE_HEAD and PHASE_CHOICE once per field. Groups are those of KERNEL_LANES slots, in order of age.
enum phase {
  PHASE_RECALL, ///< Keys and values of a state that was kept, by STREAMING_RECALL bytes of groups. Then comes PHASE_DENSE
  PHASE_EMBED,          ///< x_t, by embeddings
  PHASE_KEY,            ///< k_t, by rows
  PHASE_VALUE,          ///< v_t, by rows
  PHASE_FORWARD,        ///< Gates of the forward encoder, by rows
  PHASE_FORWARD_UNITS,  ///< f_t, by units
  PHASE_BACKWARD,       ///< Gates of the backward encoder at one step, by rows
  PHASE_BACKWARD_UNITS, ///< b_i, by units
  PHASE_BACKWARD_VALUE, ///< What b_i adds to v_i, by rows
  PHASE_QUERY,          ///< q_t, by rows
  PHASE_DISTANCES,      ///< Distance classes, by slots in order of age
  PHASE_SCORES,         ///< q_t . k_i and the distance's bias, and the highest of them, by groups
  PHASE_ATTEND,         ///< Numerators of the softmax, and sums of weighted values, by groups
  PHASE_DECODER,        ///< Gates of the decoder, by rows
  PHASE_DECODER_UNITS,  ///< g_t, by units
  PHASE_DENSE,          ///< z, by rows. From here on nothing is remembered: a new event may be fed
  PHASE_HEAD,           ///< Logits, by rows
  PHASE_CHOICE,         ///< A choice waits
  PHASE_STEP,           ///< The step is complete, or nothing has been fed yet
};

_Static_assert((int64_t)VALUE_MOST *(WEIGHT_MOST + 1) * FLUSHED_GROUPS * KERNEL_LANES <= INT32_MAX, "sums fit");

/// Where the last page ended, if its state was kept (network_streaming_keep.c).
struct streaming_page {
  uint64_t key;
  uint32_t events; ///< 0: there is none
};

/// A state that was kept, beside its vectors and its page.
struct streaming_keep {
  uint32_t events;
  uint32_t feeds;
  struct moment moment;
  bool is_bare;                 ///< Of the state only the page is true
  struct streaming_page before; ///< The page before its own
};

/// States that are kept, without their pages.
struct streaming_store {
  struct kept *kept;
  struct streaming_keep *keeps; ///< [capacity]
  float *vectors;               ///< [capacity][E + 4H] As `saved`
  float *plain;                 ///< [capacity][N*V] `plain` of the last event; only with a backward encoder
  char *luggage;                ///< [capacity][NETWORK_LUGGAGE]
};

/// The network: immutable once loaded. All matrices and tables lie in `block`, with rows padded to KERNEL_LANES, the matrices
/// in the order of their use.
struct streaming {
  struct network base;
  struct streaming_sizes sizes;
  const struct kernels *kernels;
  enum precision precision; ///< Of the matrices. With halves, the memory is kept in integers
  uint32_t key_most;        ///< The largest integer in keys and queries, so that their products stay below 2^31
  uint32_t page;            ///< Events from one state that is kept to the next; 0: none are
  uint32_t way;             ///< The same of waymarks
  char *block;
  struct matrix key;                         ///< [N*K][H]
  struct matrix value;                       ///< [N*V][E]
  struct matrix forward;                     ///< [4H][E + H]
  struct matrix backward;                    ///< [4B][E + B]
  struct matrix backward_value;              ///< [N*V][B]
  struct matrix query;                       ///< [N*K][H]
  struct matrix decoder;                     ///< [4H][H + N*V + H]
  struct matrix dense;                       ///< [D][H]
  struct matrix heads[FIELD_COUNT];          ///< [classes][D]
  struct table head_embeds[FIELD_COUNT - 1]; ///< [classes][D]
  struct table head_biases[FIELD_COUNT];     ///< [1][classes]
  struct table forward_bias;                 ///< [1][4H]
  struct table backward_bias;                ///< [1][4B]
  struct table decoder_bias;                 ///< [1][4H]
  struct table dense_bias;                   ///< [1][D]
  struct table distance_bias;                ///< [N][ATTENTION_DISTANCES]
  struct table sink;                         ///< [1][N]
  struct table tables[STREAMING_TABLES];     ///< By enum streaming_tensor; columns [E]
  float query_scale;                         ///< 1 / sqrt(K)
  uint8_t classes[STREAMING_BARS];           ///< attention_distance_class() of so many bars ago
};

/// What is saved of the state before each network_feed(), in a ring; its vectors are in `saved`.
struct streaming_save {
  uint32_t events;
  bool is_started;
  struct moment moment;
  struct streaming_page page;
};

/// Return the slots that there is room for, in whole groups: those of the memory, and those that come back to it when steps
/// are taken back.
static inline uint32_t
streaming_capacity(const struct streaming_sizes *const sizes) REALTIME
{
  return kernel_padded(sizes->memory + NETWORK_REWIND);
}

/// The state: this head, then the arrays that it points to, in one block. Vectors that are multiplied with one matrix lie
/// one behind the other.
struct streaming_state {
  enum phase phase;
  uint32_t piece;  ///< Next piece of the phase
  uint32_t item;   ///< Step of the segment, from its start, in the phases of the backward encoder
  uint32_t field;  ///< enum field, in PHASE_HEAD and PHASE_CHOICE
  uint32_t events; ///< Events fed since the reset, the number of the present step; step i is in slot (i - 1) % capacity
  uint32_t feeds;  ///< Calls of network_feed() since the reset that have not been taken back
  uint32_t oldest; ///< The first of them whose state before it is known
  uint32_t slots;  ///< Slots in memory: the smaller of `events` and `memory`
  uint32_t attended;            ///< `slots` when attention was last computed
  float sharpness;              ///< Factor on all scores
  bool is_classed;              ///< Whether all slots but the newest have their distance classes,
  uint32_t classed_bar;         ///< As seen from this bar
  uint32_t unclassed;           ///< Slots that have not, the newest ones
  bool has_event;               ///< Whether an event was fed, not a start or a rest
  bool is_started;              ///< Whether anything was fed
  struct event fed;             ///< The event fed
  struct event event;           ///< The event in the making
  struct moment moment;         ///< Of the next onset
  float *forward_input;         ///< [E + H] x_t, then f_(t-1), from PHASE_FORWARD_UNITS on f_t
  float *forward_cell;          ///< [H]
  float *backward_input;        ///< [E + B] x_i, then the output at the step after i
  float *backward_cell;         ///< [B]
  float *decoder_input;         ///< [H + N*V + H] f_t, a_t, then g_(t-1), from PHASE_DECODER_UNITS on g_t
  float *decoder_cell;          ///< [H]
  float *gates;                 ///< [4 max(H, B)]
  float *rows;                  ///< [N max(K, V)] Keys or values on their way into their slots
  float *query;                 ///< [N*K]
  int16_t *query_integers;      ///< [N*K]
  float *query_scales;          ///< [N] 1 for floats
  float *segment_inputs;        ///< [segment][E] x_i of the present segment
  float *value;                 ///< [N*V] A slot's values on their way
  int16_t *integers;            ///< [N max(K, V)] Integers on their way
  void *keys;                   ///< As struct slots has them; floats, or integers if the weights are halves
  void *values;                 ///< The same
  float *key_scales;            ///< [capacity * N]
  float *value_scales;          ///< [capacity * N]
  float *plain;                 ///< [capacity][N*V] Values without what b_i adds; only with a backward encoder
  struct softmax softmax;       ///< Its numerators are [capacity * N]
  float *sums;                  ///< [N] Denominators of the softmax
  int32_t *weighted;            ///< [N*V] Sums of weighted integers
  float *dense;                 ///< [D] z
  float *active;                ///< [D] relu(z)
  float *logits;                ///< [LOGITS_SIZE]
  uint32_t *bars;               ///< [capacity] Bar of each slot's onset
  uint8_t *distances;           ///< [capacity] Distance classes
  float *saved;                 ///< [STREAMING_SAVES][E + 4H] x_t, f_t, its cell, g_t, its cell
  struct streaming_save *saves; ///< [STREAMING_SAVES] By number of the feed
  struct streaming_page page;   ///< The last that ended
  uint32_t recalled;            ///< In PHASE_RECALL: the kept state whose page is copied
  uint32_t recalled_pages;      ///< and how many are
  bool is_bare;                 ///< Nothing is attended to: it is on its way from one waymark to another
  struct streaming_store whole; ///< What is kept outlives a reset: whole states,
  char *pages;                  ///< [capacity][streaming_page_bytes()] and their pages;
  struct streaming_store far;   ///< waymarks
};

/// The `streaming` kind's functions.
extern const struct network_class streaming_class;

/// Free a network; its class' `free`.
void streaming_free(struct network *network);

/// Keep the state, which is about to be fed (network_streaming_rewind.c).
void streaming_save(const struct streaming *network, struct streaming_state *state) REALTIME;

/// Ask for the place where the state will be kept next, which was used thousands of steps ago.
void streaming_save_fetch(const struct streaming *network, const struct streaming_state *state) REALTIME;

/// Ask for the embeddings that x_t is the sum of, which lie all over the place, before they are wanted: those of `event`, or of a
/// start without one, and of `moment`.
void
streaming_embed_fetch(const struct streaming *network, const struct event *event, const struct moment *moment) REALTIME;

/// Copy the recurrent vectors to `saved` [E + 4H], or from there.
void
streaming_vectors_save(const struct streaming *network, const struct streaming_state *state, float *saved) REALTIME;
void streaming_vectors_restore(const struct streaming *network, const struct streaming_state *state, const float *saved)
    REALTIME;

/// Return the floats of those vectors.
static inline size_t
streaming_vectors_size(const struct streaming_sizes *const sizes) REALTIME
{
  return sizes->embedding + 4 * (size_t)sizes->hidden;
}

// Pages (network_streaming_page.c)

/// Return the events of a page: the fewest that are whole groups and whole segments, or 0 if that is too many for the ring.
uint32_t streaming_page_events(const struct streaming_sizes *sizes);

/// Return the bytes of a page.
size_t streaming_page_bytes(const struct streaming *network) REALTIME;

/// Return the pages that the memory of a state with `events` events reaches into.
uint32_t streaming_pages_needed(const struct streaming *network, uint32_t events) REALTIME;

/// Keep the page that ends at the present event at `place`.
void streaming_page_keep(const struct streaming *network, const struct streaming_state *state, uint32_t place) REALTIME;

/// Return the place of the page that ends where `page` says, or KEPT_NONE.
uint32_t streaming_page_find(const struct streaming_state *state, struct streaming_page page) REALTIME;

/// Return the pieces of PHASE_RECALL.
uint32_t streaming_recall_pieces(const struct streaming *network, const struct streaming_state *state) REALTIME;

/// Copy pieces [begin, end) of what is recalled.
void
streaming_recall(const struct streaming *network, struct streaming_state *state, uint32_t begin, uint32_t end) REALTIME;

// Keeping (network_streaming_keep.c)

/// Return the events from waymark to waymark.
uint32_t streaming_way_events(const struct streaming_sizes *sizes);

/// Hand out memory for what is kept.
void streaming_keep_lay(const struct streaming *network, struct streaming_state *state, struct arena *arena) REALTIME;

/// Return the operations that keeping a state counts for.
uint32_t streaming_keep_operations(const struct streaming *network) REALTIME;

/// As the functions of class network_class.
void streaming_keep(const struct network *network,
                    struct network_state *state,
                    uint64_t key,
                    const void *luggage,
                    size_t size,
                    uint32_t *operations) REALTIME;
void streaming_trace_begin(const struct network *network,
                           const struct network_state *state,
                           bool is_new,
                           struct network_trace *trace) REALTIME;
const void *streaming_trace(const struct network *network,
                            const struct network_state *state,
                            struct network_trace *trace,
                            const struct step *step,
                            uint64_t key) REALTIME;
void streaming_restore(const struct network *network, struct network_state *state, uint64_t key, bool is_bare) REALTIME;
void streaming_complete(const struct network *network, struct network_state *state, uint64_t key) REALTIME;

/// As network_rewind().
bool streaming_rewind(const struct network *network, struct network_state *opaque, uint32_t steps) REALTIME;

/// Do pieces [begin, end) of the present phase.
void
streaming_pieces(const struct streaming *network, struct streaming_state *state, uint32_t begin, uint32_t end) REALTIME;

/// Keep `values` [N*V] in `slot` of the memory.
void streaming_store_values(const struct streaming *network,
                            const struct streaming_state *state,
                            uint32_t slot,
                            const float *values) REALTIME;

/// Return what the attention looks at.
struct slots streaming_slots(const struct streaming *network, const struct streaming_state *state) REALTIME;

/// Return the groups that the slots in memory lie in.
uint32_t streaming_groups(const struct streaming *network, const struct streaming_state *state) REALTIME;

/// Return how many embeddings x_t is the sum of.
uint32_t streaming_embeds(const struct streaming_state *state) REALTIME;

/// Return the place of a_t, [N*V].
float *streaming_attended(const struct streaming *network, const struct streaming_state *state) REALTIME;

/// Return how many pieces the present phase has, and what one costs in operations (at least 1).
uint32_t streaming_piece_count(const struct streaming *network, const struct streaming_state *state) REALTIME;
uint32_t streaming_piece_cost(const struct streaming *network, enum phase phase) REALTIME;

/// Do what is left when all pieces of the present phase are done, and go on to the next phase.
void streaming_phase_finish(const struct streaming *network, struct streaming_state *state) REALTIME;

#endif // RITORNELLO_NETWORK_STREAMING_PRIVATE_H
