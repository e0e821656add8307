#pragma once

#include "server/app/data_folder.hpp"
#include "storage/durable_file.hpp"

/// How a catalogue that was made anew takes the place of the old one. A database of SQLite is up to
/// three files, and another one's -wal beside it would damage it, so one rename is not enough:
///     catalogue.rebuild.sqlite   being made; a later rebuild goes on with it
///     catalogue.new.sqlite       whole, by one rename; from here on whoever owns the folder next
///                                moves the old one to catalogue.sqlite.old and this one in place
namespace khochung::app {

/// Declares the catalogue that was being rebuilt whole. It is closed.
/// Errors: unavailable; disk_full. Then the old one stays in use.
Result<void> finish_catalogue(const DataPaths& paths, storage::SyncGroup& sync);

/// Finishes what a rebuild began, also one that was killed; nothing to do without a whole new
/// catalogue. Only for the owner of the folder. Errors: unavailable; disk_full. Nothing is lost
/// then: it can be called again.
Result<void> put_catalogue_in_place(const DataPaths& paths, storage::SyncGroup& sync);

}  // namespace khochung::app
