// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Every URI that the plugin speaks, in one place: its own, and those of LV2 that it maps to numbers when it is created.

#ifndef RITORNELLO_URIS_H
#define RITORNELLO_URIS_H

#include <lv2/atom/atom.h>
#include <lv2/midi/midi.h>
#include <lv2/patch/patch.h>
#include <lv2/state/state.h>
#include <lv2/time/time.h>
#include <lv2/urid/urid.h>

#define RITORNELLO_URI "urn:ritornello:lv2"
#define RITORNELLO_UI RITORNELLO_URI "#ui"                    ///< The window
#define RITORNELLO_WEIGHTS RITORNELLO_URI "#weights"          ///< atom:Path, writable: the weight file
#define RITORNELLO_WEIGHTS_FILE RITORNELLO_URI "#weightsFile" ///< atom:String, state only: the same as a plain path
#define RITORNELLO_TAKE RITORNELLO_URI "#take"                ///< atom:Path, state only: the take as a MIDI file
#define RITORNELLO_TAKE_FILE RITORNELLO_URI "#takeFile"       ///< atom:String, state only: the same as a plain path
#define RITORNELLO_TAKE_DATA                                                                                           \
  RITORNELLO_URI "#takeData"                       ///< atom:Chunk, state only: the file itself, where hosts keep none
#define RITORNELLO_EXPORT RITORNELLO_URI "#export" ///< atom:Path, writable: write the take to this MIDI file
#define RITORNELLO_LOCK_BARS RITORNELLO_URI "#lockBars" ///< atom:String, writable: bars that stay, as in bar_set.h
#define RITORNELLO_REGENERATE_BARS RITORNELLO_URI "#regenerateBars" ///< atom:String, writable: compose these bars anew
#define RITORNELLO_THRU RITORNELLO_URI "#thru"     ///< atom:Bool, writable: what is played goes on to the output
#define RITORNELLO_TITLE RITORNELLO_URI "#title"   ///< atom:String, readable: what the weights are
#define RITORNELLO_STATUS RITORNELLO_URI "#status" ///< atom:String, readable: how it is going, in a sentence
#define RITORNELLO_STYLES RITORNELLO_URI "#styles" ///< atom:String, readable: the weights' styles, by commas

/// File name of the default weights, in the bundle.
#define RITORNELLO_DEFAULT_WEIGHTS "ritornello.safetensors"

/// X(field, URI).
#define URIS(X)                                                                                                        \
  X(ardour_scale, "http://ardour.org/lv2/time#scale") /* Its positions have this, and beats in quarters */             \
  X(atom_blank, LV2_ATOM__Blank)                                                                                       \
  X(atom_bool, LV2_ATOM__Bool)                                                                                         \
  X(atom_chunk, LV2_ATOM__Chunk)                                                                                       \
  X(atom_double, LV2_ATOM__Double)                                                                                     \
  X(atom_float, LV2_ATOM__Float)                                                                                       \
  X(atom_int, LV2_ATOM__Int)                                                                                           \
  X(atom_long, LV2_ATOM__Long)                                                                                         \
  X(atom_object, LV2_ATOM__Object)                                                                                     \
  X(atom_path, LV2_ATOM__Path)                                                                                         \
  X(atom_sequence, LV2_ATOM__Sequence)                                                                                 \
  X(atom_string, LV2_ATOM__String)                                                                                     \
  X(atom_urid, LV2_ATOM__URID)                                                                                         \
  X(export, RITORNELLO_EXPORT)                                                                                         \
  X(lock_bars, RITORNELLO_LOCK_BARS)                                                                                   \
  X(midi_event, LV2_MIDI__MidiEvent)                                                                                   \
  X(patch_body, LV2_PATCH__body)                                                                                       \
  X(patch_get, LV2_PATCH__Get)                                                                                         \
  X(patch_property, LV2_PATCH__property)                                                                               \
  X(patch_put, LV2_PATCH__Put)                                                                                         \
  X(patch_set, LV2_PATCH__Set)                                                                                         \
  X(patch_subject, LV2_PATCH__subject)                                                                                 \
  X(patch_value, LV2_PATCH__value)                                                                                     \
  X(plugin, RITORNELLO_URI)                                                                                            \
  X(regenerate_bars, RITORNELLO_REGENERATE_BARS)                                                                       \
  X(state_changed, LV2_STATE__StateChanged)                                                                            \
  X(status, RITORNELLO_STATUS)                                                                                         \
  X(styles, RITORNELLO_STYLES)                                                                                         \
  X(take, RITORNELLO_TAKE)                                                                                             \
  X(take_data, RITORNELLO_TAKE_DATA)                                                                                   \
  X(take_file, RITORNELLO_TAKE_FILE)                                                                                   \
  X(time_bar, LV2_TIME__bar)                                                                                           \
  X(time_bar_beat, LV2_TIME__barBeat)                                                                                  \
  X(time_beat_unit, LV2_TIME__beatUnit)                                                                                \
  X(time_beats_per_bar, LV2_TIME__beatsPerBar)                                                                         \
  X(time_beats_per_minute, LV2_TIME__beatsPerMinute)                                                                   \
  X(time_frame, LV2_TIME__frame)                                                                                       \
  X(time_position, LV2_TIME__Position)                                                                                 \
  X(time_speed, LV2_TIME__speed)                                                                                       \
  X(thru, RITORNELLO_THRU)                                                                                             \
  X(title, RITORNELLO_TITLE)                                                                                           \
  X(weights, RITORNELLO_WEIGHTS)                                                                                       \
  X(weights_file, RITORNELLO_WEIGHTS_FILE)

#define URI_FIELD(field, uri) LV2_URID field;

struct uris {
  URIS(URI_FIELD)
};

#undef URI_FIELD

/// Map all URIs. Not for the audio thread.
void uris_map(struct uris *uris, LV2_URID_Map *map);

#endif // RITORNELLO_URIS_H
