#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "indexer/pipeline/proposals.hpp"
#include "indexer/workers/readers.hpp"
#include "indexer/workers/worker_host.hpp"
#include "schemas/result.hpp"
#include "storage/blobs/blob_store.hpp"
#include "storage/catalogue/catalogue.hpp"
#include "storage/derivatives/derivative_store.hpp"

namespace khochung::pipeline {

/// Work that is too slow for the door.
enum class Task {
  pictures,  ///< thumbnail and light copy
  ocr,       ///< read the pictures of pages
  layout,    ///< let LibreOffice lay an office file out, for its pages
  unpack,    ///< take the parts of an archive in
  read,      ///< read at the door was lost: read again
};

std::string_view to_text(Task task);
Result<Task> task_from(std::string_view text);
storage::Lane lane_of(Task task);

/// Something still to do for a file.
struct Todo {
  Task task = Task::read;
  bool is_awaited = false;  ///< the file is not searchable as it should be before that
};

/// What reading a file at the door found out.
struct QuickReading {
  std::string media_type;
  storage::Reading reading;  ///< without pages where there is no text yet
  Proposals proposals;
  bool carries_secret_mark = false;
  std::vector<Todo> todo;
};

/// Whether a page of a PDF has to be read from its picture: it has no text, or a text layer that
/// lies.
bool needs_ocr(const workers::PdfPage& page);

/// Reads what can be read within a moment: text, markup and office files, the text layer of a PDF,
/// the size of a picture. Decides what is left for later. Threads: safe from many threads.
class QuickReader {
 public:
  explicit QuickReader(const workers::WorkerHost& workers) : workers_(workers) {}

  /// Errors: bad_input "damaged_file"; unsupported "encrypted_pdf", "encrypted_archive"; too_large
  ///         "picture_too_large"; unavailable "worker_unusable".
  [[nodiscard]] Result<QuickReading> read(const storage::BlobReader& file,
                                          const std::string& name) const;

 private:
  const workers::WorkerHost& workers_;
};

}  // namespace khochung::pipeline
