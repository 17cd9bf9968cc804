// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The bundled presets: which style, what differs from the ports' defaults, and which weights, if not the default ones.

#ifndef RITORNELLO_PRESETS_H
#define RITORNELLO_PRESETS_H

#include "preset_writer.h"
#include "styles.h"

#include <stddef.h>
#include <string.h>

enum { PRESET_VALUES = 6 };

struct preset {
  const char *id; ///< Last part of its URI
  const char *label;
  const char *style; ///< Name in styles.h
  const char *comment;
  struct preset_value values[PRESET_VALUES];
};

static const struct preset presets[] = {
    {"bach", "Bach", "bach", "Voices that answer each other.", {{0, 0.0F}}},
    {"bach-invention",
     "Bach: Two-Part Invention",
     "bach",
     "Two voices, in D minor.",
     {{PORT_KEY, 15.0F}, {PORT_BPM, 92.0F}, {PORT_POLYPHONY, 2.0F}}},
    {"bach-chorale",
     "Bach: Chorale",
     "bach",
     "Four slow voices.",
     {{PORT_KEY, 8.0F}, {PORT_DENSITY, 3.0F}, {PORT_BPM, 66.0F}, {PORT_POLYPHONY, 4.0F}}},
    {"bach-fugue",
     "Bach: Fugue in C Minor",
     "bach",
     "Up to four voices.",
     {{PORT_KEY, 13.0F}, {PORT_BPM, 80.0F}, {PORT_POLYPHONY, 4.0F}}},
    {"bach-prelude",
     "Bach: Prelude",
     "bach",
     "Broken chords in C major.",
     {{PORT_KEY, 1.0F}, {PORT_DENSITY, 6.0F}, {PORT_BPM, 72.0F}}},
    {"scarlatti",
     "Scarlatti: Sonata",
     "scarlatti",
     "Quick hands on a harpsichord's range.",
     {{PORT_BPM, 132.0F}, {PORT_LOW_NOTE, 36.0F}, {PORT_HIGH_NOTE, 88.0F}}},
    {"handel",
     "Handel: Suite",
     "handel",
     "A dance for the harpsichord.",
     {{PORT_BPM, 104.0F}, {PORT_LOW_NOTE, 36.0F}, {PORT_HIGH_NOTE, 88.0F}}},
    {"handel-air",
     "Handel: Air in D Minor",
     "handel",
     "Slow and grave.",
     {{PORT_KEY, 15.0F}, {PORT_DENSITY, 3.0F}, {PORT_BPM, 60.0F}}},
    {"haydn", "Haydn", "haydn", "Witty and light-footed.", {{0, 0.0F}}},
    {"haydn-finale",
     "Haydn: Finale",
     "haydn",
     "Presto, in G major.",
     {{PORT_KEY, 8.0F}, {PORT_DENSITY, 6.0F}, {PORT_BPM, 152.0F}}},
    {"haydn-adagio",
     "Haydn: Adagio",
     "haydn",
     "Slow and ornate, in E flat major.",
     {{PORT_KEY, 4.0F}, {PORT_DENSITY, 4.0F}, {PORT_BPM, 54.0F}}},
    {"mozart", "Mozart", "mozart", "Clear melody over a moving left hand.", {{0, 0.0F}}},
    {"mozart-allegro",
     "Mozart: Allegro",
     "mozart",
     "Bright, in C major.",
     {{PORT_KEY, 1.0F}, {PORT_DENSITY, 6.0F}, {PORT_BPM, 132.0F}}},
    {"mozart-andante",
     "Mozart: Andante",
     "mozart",
     "Singing, in F major.",
     {{PORT_KEY, 6.0F}, {PORT_DENSITY, 4.0F}, {PORT_BPM, 72.0F}}},
    {"mozart-minore",
     "Mozart: Minore",
     "mozart",
     "Dark, in A minor.",
     {{PORT_KEY, 22.0F}, {PORT_DENSITY, 5.0F}, {PORT_BPM, 112.0F}}},
    {"clementi",
     "Clementi: Sonatina",
     "clementi",
     "Few notes, each in its place.",
     {{PORT_KEY, 1.0F}, {PORT_DENSITY, 4.0F}, {PORT_BPM, 120.0F}}},
    {"dussek",
     "Dussek: Sonatina",
     "dussek",
     "Friendly, in B flat major.",
     {{PORT_KEY, 11.0F}, {PORT_DENSITY, 4.0F}, {PORT_BPM, 112.0F}}},
    {"beethoven", "Beethoven", "beethoven", "Sonata movements, from quiet to stormy.", {{0, 0.0F}}},
    {"beethoven-storm",
     "Beethoven: Storm in C Minor",
     "beethoven",
     "Many notes, and loud.",
     {{PORT_KEY, 13.0F}, {PORT_DENSITY, 7.0F}, {PORT_BPM, 144.0F}, {PORT_VELOCITY, 12.0F}}},
    {"beethoven-adagio",
     "Beethoven: Adagio cantabile",
     "beethoven",
     "Slow and full, in A flat major.",
     {{PORT_KEY, 9.0F}, {PORT_DENSITY, 4.0F}, {PORT_BPM, 60.0F}, {PORT_PEDAL, 1.0F}}},
    {"beethoven-bagatelle",
     "Beethoven: Bagatelle",
     "beethoven",
     "Light, in E flat major.",
     {{PORT_KEY, 4.0F}, {PORT_DENSITY, 3.0F}, {PORT_BPM, 100.0F}}},
    {"schubert", "Schubert", "schubert", "Songs without a singer.", {{0, 0.0F}}},
    {"schubert-impromptu",
     "Schubert: Impromptu",
     "schubert",
     "Running notes, in A flat major.",
     {{PORT_KEY, 9.0F}, {PORT_DENSITY, 7.0F}, {PORT_BPM, 112.0F}, {PORT_PEDAL, 1.0F}}},
    {"schubert-moment",
     "Schubert: Moment musical",
     "schubert",
     "A small step, in F minor.",
     {{PORT_KEY, 18.0F}, {PORT_DENSITY, 3.0F}, {PORT_BPM, 92.0F}}},
    {"mendelssohn",
     "Mendelssohn: Song without Words",
     "mendelssohn",
     "A melody in the middle of it all.",
     {{PORT_KEY, 5.0F}, {PORT_DENSITY, 5.0F}, {PORT_BPM, 84.0F}, {PORT_PEDAL, 1.0F}}},
    {"chopin", "Chopin", "chopin", "Nocturnes, preludes and mazurkas.", {{0, 0.0F}}},
    {"chopin-nocturne",
     "Chopin: Nocturne",
     "chopin",
     "Night in E flat major, with pedal.",
     {{PORT_KEY, 4.0F}, {PORT_DENSITY, 4.0F}, {PORT_BPM, 66.0F}, {PORT_PEDAL, 1.0F}}},
    {"chopin-etude",
     "Chopin: Étude",
     "chopin",
     "As many notes as two hands have.",
     {{PORT_KEY, 13.0F}, {PORT_DENSITY, 8.0F}, {PORT_BPM, 138.0F}, {PORT_PEDAL, 1.0F}}},
    {"chopin-mazurka",
     "Chopin: Mazurka",
     "chopin",
     "For a song in 3/4, in A minor.",
     {{PORT_KEY, 22.0F}, {PORT_DENSITY, 3.0F}, {PORT_BPM, 126.0F}}},
    {"chopin-prelude",
     "Chopin: Prelude in E Minor",
     "chopin",
     "Slow chords under a song.",
     {{PORT_KEY, 17.0F}, {PORT_DENSITY, 3.0F}, {PORT_BPM, 60.0F}, {PORT_PEDAL, 1.0F}}},
    {"schumann", "Schumann", "schumann", "Scenes and character pieces.", {{0, 0.0F}}},
    {"schumann-scene",
     "Schumann: Scene from Childhood",
     "schumann",
     "Simple, in G major.",
     {{PORT_KEY, 8.0F}, {PORT_DENSITY, 4.0F}, {PORT_BPM, 84.0F}}},
    {"schumann-night",
     "Schumann: Night Piece",
     "schumann",
     "Restless, in D minor.",
     {{PORT_KEY, 15.0F}, {PORT_DENSITY, 6.0F}, {PORT_BPM, 108.0F}, {PORT_PEDAL, 1.0F}}},
    {"liszt", "Liszt", "liszt", "The whole keyboard.", {{0, 0.0F}}},
    {"liszt-consolation",
     "Liszt: Consolation",
     "liszt",
     "Quiet, in D flat major.",
     {{PORT_KEY, 2.0F},
      {PORT_DENSITY, 4.0F},
      {PORT_BPM, 63.0F},
      {PORT_PEDAL, 1.0F},
      {PORT_VELOCITY, -10.0F},
      {PORT_SEED, 2.0F}}},
    {"liszt-etude",
     "Liszt: Transcendental",
     "liszt",
     "Storms over the whole keyboard.",
     {{PORT_KEY, 18.0F}, {PORT_DENSITY, 8.0F}, {PORT_BPM, 132.0F}, {PORT_PEDAL, 1.0F}}},
    {"brahms-intermezzo",
     "Brahms: Intermezzo",
     "brahms",
     "Low and warm, in E flat major.",
     {{PORT_KEY, 4.0F}, {PORT_DENSITY, 4.0F}, {PORT_BPM, 63.0F}, {PORT_PEDAL, 1.0F}}},
    {"brahms-waltz",
     "Brahms: Waltz",
     "brahms",
     "For a song in 3/4, in A flat major.",
     {{PORT_KEY, 9.0F}, {PORT_DENSITY, 4.0F}, {PORT_BPM, 120.0F}}},
    {"grieg", "Grieg: Lyric Piece", "grieg", "Northern colours.", {{PORT_BPM, 92.0F}, {PORT_PEDAL, 1.0F}}},
    {"tchaikovsky",
     "Tchaikovsky: Album for the Young",
     "tchaikovsky",
     "Small scenes.",
     {{PORT_DENSITY, 4.0F}, {PORT_BPM, 100.0F}}},
    {"mussorgsky",
     "Mussorgsky: Promenade",
     "mussorgsky",
     "Heavy steps and bells.",
     {{PORT_DENSITY, 4.0F}, {PORT_BPM, 96.0F}}},
    {"borodin",
     "Borodin: Little Suite",
     "borodin",
     "Slow bells and serenades.",
     {{PORT_DENSITY, 3.0F}, {PORT_BPM, 72.0F}, {PORT_PEDAL, 1.0F}}},
    {"rachmaninoff",
     "Rachmaninoff: Prelude",
     "rachmaninoff",
     "Full chords, in G minor.",
     {{PORT_KEY, 20.0F}, {PORT_DENSITY, 6.0F}, {PORT_BPM, 96.0F}, {PORT_PEDAL, 1.0F}}},
    {"albeniz", "Albéniz: España", "albeniz", "Guitars on the piano.", {{PORT_BPM, 112.0F}}},
    {"granados",
     "Granados: Spanish Dance",
     "granados",
     "Slow dance, in E minor.",
     {{PORT_KEY, 17.0F}, {PORT_DENSITY, 4.0F}, {PORT_BPM, 92.0F}, {PORT_PEDAL, 1.0F}}},
    {"debussy", "Debussy", "debussy", "Colours and chords.", {{PORT_PEDAL, 1.0F}}},
    {"debussy-arabesque",
     "Debussy: Arabesque",
     "debussy",
     "Flowing, in E major.",
     {{PORT_KEY, 5.0F}, {PORT_DENSITY, 6.0F}, {PORT_BPM, 96.0F}, {PORT_PEDAL, 1.0F}}},
    {"debussy-sails",
     "Debussy: Sails",
     "debussy",
     "Few notes that ring on.",
     {{PORT_DENSITY, 2.0F}, {PORT_BPM, 60.0F}, {PORT_PEDAL, 1.0F}}},
    {"ravel", "Ravel: Water", "ravel", "Fast glitter.", {{PORT_DENSITY, 8.0F}, {PORT_BPM, 108.0F}, {PORT_PEDAL, 1.0F}}},
    {"satie",
     "Satie: Gymnopédie",
     "satie",
     "Slow, sad and simple.",
     {{PORT_DENSITY, 1.0F}, {PORT_BPM, 72.0F}, {PORT_PEDAL, 1.0F}}},
    {"burgmueller",
     "Burgmüller: Easy Étude",
     "burgmueller",
     "For small hands.",
     {{PORT_KEY, 1.0F}, {PORT_DENSITY, 4.0F}, {PORT_BPM, 120.0F}}},
    {"czerny",
     "Czerny: School of Velocity",
     "czerny",
     "Scales and broken chords.",
     {{PORT_KEY, 1.0F}, {PORT_DENSITY, 7.0F}, {PORT_BPM, 132.0F}}},
};

enum { PRESET_COUNT = sizeof presets / sizeof presets[0] };

/// Presets with weights of their own; hosts have them in a bank of their own.
static const struct preset_network {
  const char *id;
  const char *weights; ///< Weight file of the bundle
} preset_networks[] = {
    {"article-early", "article-early.safetensors"},
    {"article-good", "article-good.safetensors"},
    {"article-overfitted", "article-overfitted.safetensors"},
};

/// Return the name of the weight file that `preset` has for its own, NULL if it plays the default one.
static inline const char *
preset_own_weights(const struct preset *const preset)
{
  for (size_t i = 0; i < sizeof preset_networks / sizeof preset_networks[0]; ++i) {
    if (!strcmp(preset_networks[i].id, preset->id)) {
      return preset_networks[i].weights;
    }
  }
  return NULL;
}

/// Return the value of `port` in `preset`.
static inline float
preset_value(const struct preset *const preset, const enum port_index port)
{
  return preset_port_value(style_number(preset->style), preset->values, PRESET_VALUES, port);
}

#endif // RITORNELLO_PRESETS_H
