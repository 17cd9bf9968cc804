// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Where the plugin is that belongs to this program.

#ifndef RITORNELLO_OWN_BUNDLE_H
#define RITORNELLO_OWN_BUNDLE_H

/// Return the folder of the bundle that was built together with this program, or installed together with it in the same
/// prefix, to be freed; NULL if it is in neither place.
char *own_bundle(void);

#endif // RITORNELLO_OWN_BUNDLE_H
