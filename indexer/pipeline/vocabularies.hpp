#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "indexer/pipeline/record_writer.hpp"
#include "schemas/guarded.hpp"
#include "schemas/material.hpp"
#include "schemas/vocabulary.hpp"

namespace khochung::pipeline {

/// The controlled words: those that the program brings until somebody has edited them, then those
/// of the record. Pages ask for labels all the time, so what was read is remembered for a few
/// seconds; another server's edit is seen after that.
/// Threads: safe from many threads.
class Vocabularies {
 public:
  explicit Vocabularies(RecordWriter& writer) : writer_(writer) {}

  struct Kept {
    std::shared_ptr<const Vocabulary> vocabulary;
    int revision = 0;  ///< 0: nobody has edited it yet
  };
  /// Errors: not_found for an unknown name; corrupt; unavailable.
  [[nodiscard]] Result<Kept> find(std::string_view name) const;
  /// Errors: not_found; precondition_failed when `expected` is not the newest revision; conflict,
  /// reason "concept_kept".
  Result<Kept> set(const Vocabulary& vocabulary, int expected, const Change& change);
  /// Whether each concept that `after` has and `before` had not is in its vocabulary, retired or
  /// not. Errors: bad_input, reason "unknown_concept".
  [[nodiscard]] Result<void> check(const Material& before, const Material& after) const;
  /// What `id` is called; the id itself where the vocabulary does not know it.
  [[nodiscard]] std::string label(std::string_view name, const std::string& id,
                                  Language language) const;

 private:
  struct Read {
    Kept kept;
    std::chrono::steady_clock::time_point at;
  };
  [[nodiscard]] Result<Kept> read(const VocabularyInfo& info) const;

  RecordWriter& writer_;
  mutable Guarded<std::map<std::string, Read, std::less<>>> lately_;
};

}  // namespace khochung::pipeline
