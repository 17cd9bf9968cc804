// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The styles by number, once and for ever: projects and automation hold these numbers, so none ever changes its meaning.
// 0 is free. New styles are added at the end. Weight files have lists of their own, matched to this one by name.

#ifndef RITORNELLO_STYLES_H
#define RITORNELLO_STYLES_H

/// X(name, label) for style 1, 2, 3, ...: the name in weight files, and the name that people read. Most-played first.
#define STYLES(X)                                                                                                      \
  X("bach", "Johann Sebastian Bach")                                                                                   \
  X("mozart", "Wolfgang Amadeus Mozart")                                                                               \
  X("beethoven", "Ludwig van Beethoven")                                                                               \
  X("chopin", "Frédéric Chopin")                                                                                       \
  X("schubert", "Franz Schubert")                                                                                      \
  X("haydn", "Joseph Haydn")                                                                                           \
  X("schumann", "Robert Schumann")                                                                                     \
  X("liszt", "Franz Liszt")                                                                                            \
  X("debussy", "Claude Debussy")                                                                                       \
  X("brahms", "Johannes Brahms")                                                                                       \
  X("mendelssohn", "Felix Mendelssohn Bartholdy")                                                                      \
  X("rachmaninoff", "Sergei Rachmaninoff")                                                                             \
  X("tchaikovsky", "Pyotr Ilyich Tchaikovsky")                                                                         \
  X("grieg", "Edvard Grieg")                                                                                           \
  X("handel", "George Frideric Handel")                                                                                \
  X("scarlatti", "Domenico Scarlatti")                                                                                 \
  X("satie", "Erik Satie")                                                                                             \
  X("ravel", "Maurice Ravel")                                                                                          \
  X("scriabin", "Alexander Scriabin")                                                                                  \
  X("clementi", "Muzio Clementi")                                                                                      \
  X("mussorgsky", "Modest Mussorgsky")                                                                                 \
  X("albeniz", "Isaac Albéniz")                                                                                        \
  X("granados", "Enrique Granados")                                                                                    \
  X("czerny", "Carl Czerny")                                                                                           \
  X("burgmueller", "Friedrich Burgmüller")                                                                             \
  X("borodin", "Alexander Borodin")                                                                                    \
  X("dussek", "Jan Ladislav Dussek")                                                                                   \
  X("kuhlau", "Friedrich Kuhlau")                                                                                      \
  X("cpe_bach", "Carl Philipp Emanuel Bach")                                                                           \
  X("rameau", "Jean-Philippe Rameau")                                                                                  \
  X("froberger", "Johann Jakob Froberger")                                                                             \
  X("field", "John Field")                                                                                             \
  X("balakirev", "Mily Balakirev")                                                                                     \
  X("alkan", "Charles-Valentin Alkan")                                                                                 \
  X("moszkowski", "Moritz Moszkowski")                                                                                 \
  X("godowsky", "Leopold Godowsky")                                                                                    \
  X("sinding", "Christian Sinding")                                                                                    \
  X("benda", "Georg Benda")

#define STYLE_ONE(name, label) +1 // NOLINT(bugprone-macro-parentheses): a term of a sum

enum { STYLE_COUNT = 0 STYLES(STYLE_ONE) }; ///< Numbers go from 0 to STYLE_COUNT

struct style_description {
  const char *name;  ///< As in weight files; "" for 0
  const char *label; ///< As people read it
};

/// [STYLE_COUNT + 1], by number.
extern const struct style_description style_descriptions[STYLE_COUNT + 1];

/// Return the number of the style that weight files call `name`; 0 if there is none.
unsigned style_number(const char *name);

#endif // RITORNELLO_STYLES_H
