#pragma once

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "indexer/pipeline/materials.hpp"
#include "indexer/pipeline/quick_reader.hpp"
#include "indexer/pipeline/unit_directory.hpp"
#include "indexer/pipeline/vocabularies.hpp"
#include "schemas/access/policy.hpp"
#include "storage/blobs/blob_store.hpp"

namespace khochung::pipeline {

/// A file as it was handed over: its name there and its bytes, complete but not yet kept.
struct SubmittedFile {
  std::string path;  ///< as the sender named it; stands in the receipt
  std::unique_ptr<storage::BlobWriter> bytes;
};

/// One material on its way in: one file, or the sheets of one document in order.
struct Submission {
  std::vector<SubmittedFile> files;
  std::map<std::string, std::string> fields;  ///< of the field table, as text
  std::string default_state = "draft";
  BatchId batch;
  std::optional<MaterialId> part_of;
  std::string part_path_prefix;  ///< "/abs/a.zip!/" for parts
  access::Viewer viewer;
  std::string from;  ///< "cli", "web", "api", "worker"
};

/// What became of a submission.
struct Accepted {
  Material material;
  storage::ItemState state = storage::ItemState::reading;
};

/// Takes materials in: checks, reads what is quickly read, keeps bytes, record and catalogue row
/// durably, and only then answers. What cannot be opened as what it is, is refused, and nothing of
/// it is kept. Threads: safe from many threads.
class Intake {
 public:
  Intake(storage::Catalogue& catalogue, storage::DerivativeStore& derivatives, Materials& materials,
         UnitDirectory& units, const Vocabularies& vocabularies, const QuickReader& reader)
      : catalogue_(catalogue),
        derivatives_(derivatives),
        materials_(materials),
        units_(units),
        vocabularies_(vocabularies),
        reader_(reader) {}

  /// Errors: bad_input (empty, damaged, unknown unit or field), unsupported (needs a password),
  /// too_large,
  ///         forbidden, disk_full, unavailable. On error the batch, when there is one, has a line
  ///         that says so.
  Result<Accepted> take(Submission submission);

  /// Whether take() may take a material of these fields, before its files have come. Gives the unit
  /// that would own it. Errors: bad_input (unknown unit or field); forbidden.
  Result<UnitId> check(const Submission& submission);

  /// A file that its sender names before sending its bytes.
  struct Announced {
    std::string path;
    Digest sha256;
    std::string unit;  ///< its owner's id or code; empty: the root
  };
  /// Which of these files need not be sent: they would be duplicates, as take() finds them, and
  /// `is_fresh` says that what is stored needs no healing. Those stand in the receipt as duplicates
  /// then. Gives their materials in the order of the files; nothing where the bytes must come.
  /// For senders who may read everything: the answer tells what the archive has.
  /// Errors: bad_input (unknown unit); unavailable.
  Result<std::vector<std::optional<MaterialId>>> recognise(BatchId batch,
                                                           const std::vector<Announced>& files,
                                                           const storage::IsFresh& is_fresh);

  /// Held alone, nobody is between keeping bytes and telling the catalogue of them: what is not
  /// kept then may go.
  [[nodiscard]] std::unique_lock<std::shared_mutex> hold_off() {
    return std::unique_lock(coming_in_);
  }
  /// Held by whoever relies on bytes being there until the catalogue knows who keeps them.
  [[nodiscard]] std::shared_lock<std::shared_mutex> come_in() {
    return std::shared_lock(coming_in_);
  }

 private:
  /// A material on its way: what is known of it, and what its files said of themselves.
  struct Draft {
    Material material;
    std::vector<QuickReading> readings;
    std::vector<storage::FixityResult> fixity;
  };

  Result<Accepted> take_checked(Submission& submission);
  Result<Material> describe(const Submission& submission, const UnitTree& tree);
  Result<void> inspect_files(Submission& submission, Draft& draft);
  Result<void> keep_bytes(Submission& submission, Draft& draft);
  Result<std::optional<Accepted>> find_known(const Submission& submission, const Material& material,
                                             const UnitTree& tree);
  Result<std::optional<MaterialId>> same_files(const Material& material) const;
  Result<Accepted> keep(const Submission& submission, Draft draft);
  Result<int> keep_readings(const Material& material, const std::vector<QuickReading>& readings);
  void note_refusal(const Submission& submission, const Error& error);

  storage::Catalogue& catalogue_;
  storage::DerivativeStore& derivatives_;
  Materials& materials_;
  UnitDirectory& units_;
  const Vocabularies& vocabularies_;
  const QuickReader& reader_;
  /// The same bytes for the same owner come in one after another: by the first byte of the digest.
  std::array<std::mutex, 64> same_bytes_;
  std::shared_mutex coming_in_;
};

/// `name`, or "scan (2).jpg" where one of `others` is called "scan.jpg" already.
std::string unique_name(const std::string& name, const std::vector<MaterialFile>& others);

/// A name that is safe to show and to save under: the last part of a path, NFC, without control
/// characters, at most 200 bytes with its extension kept. Errors: bad_input, reason "bad_name", for
/// an empty name, NUL, "." and "..", broken UTF-8, more than 255 bytes.
Result<std::string> safe_name(std::string_view path);

}  // namespace khochung::pipeline
