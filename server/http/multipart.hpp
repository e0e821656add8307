#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "schemas/result.hpp"

namespace khochung::http {

/// Takes the bytes of one file of a form.
class PartSink {
 public:
  virtual ~PartSink() = default;
  virtual Result<void> write(std::span<const std::byte> bytes) = 0;
  /// The file is whole. Without this call (the client went away) nothing is to be kept.
  virtual Result<void> finish() = 0;
};

/// Who takes the parts of a form, in the order in which they were sent.
struct FormEvents {
  std::function<Result<void>(std::string name, std::string value)> on_field;
  /// Null: nobody wants its bytes, as where a form's file field was left empty.
  std::function<Result<std::unique_ptr<PartSink>>(std::string name, std::string file_name,
                                                  std::string media_type)>
      on_file;
};

/// Reads multipart/form-data as it arrives, in memory of one chunk.
/// Errors:  bad_input (malformed; reason bad_name for a file name that is not UTF-8 or has control
///          characters); too_large (a field over 64 KiB, a part's head over 8 KiB, over 20,000
///          parts); unsupported for another media type; whatever the events return.
/// Threads: one at a time.
/// Source:  RFC 7578; the HTML standard's encoding of names ("%22", "%0D%0A").
class MultipartReader {
 public:
  static Result<MultipartReader> begin(std::string_view content_type, FormEvents events);

  /// After an error the reader is dead.
  Result<void> write(std::span<const std::byte> bytes);
  /// Errors: bad_input when the form was cut off.
  Result<void> finish();

 private:
  enum class State { preamble, after_boundary, head, field, file, done };

  MultipartReader(std::string boundary, FormEvents events);

  Result<bool> step();
  Result<bool> skip_preamble();
  Result<bool> read_after_boundary();
  Result<bool> read_head();
  Result<bool> read_body();
  Result<void> begin_part(std::string_view head);
  Result<void> take(std::string_view bytes);
  Result<void> end_part();
  void consume(std::size_t count) { at_ += count; }
  [[nodiscard]] std::string_view rest() const { return std::string_view(pending_).substr(at_); }

  std::string delimiter_;  ///< CRLF, two dashes, the boundary
  FormEvents events_;
  State state_ = State::preamble;
  std::string pending_ = "\r\n";  ///< so that a boundary at the very start looks like any other
  std::size_t at_ = 0;            ///< how much of pending_ is done with
  std::size_t parts_ = 0;
  std::string field_name_;
  std::string field_value_;
  std::unique_ptr<PartSink> sink_;
};

}  // namespace khochung::http
