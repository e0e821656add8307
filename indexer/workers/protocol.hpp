#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "schemas/result.hpp"

/// What a worker says to the process that started it: schemas/formats.md, "Worker protocol,
/// version 1". The reading side takes every byte as hostile.
namespace khochung::workers {

inline constexpr std::string_view protocol_magic = "khochung";
inline constexpr std::uint32_t protocol_version = 1;
inline constexpr std::uint32_t max_header_bytes = 64 * 1024;

/// One message: a JSON object with "kind", and bytes.
struct Frame {
  boost::json::object header;
  std::string body;
};

/// How a run ended, as the worker itself says it.
enum class Outcome { ok, bad_file, unusable };

struct Ending {
  Outcome outcome = Outcome::unusable;
  std::string reason;   ///< key of schemas/sentences.hpp; for bad_file
  std::string message;  ///< for the log
};

/// Writes frames to a descriptor. Ends the process where nobody reads any more.
/// Threads: one at a time.
class FrameWriter {
 public:
  explicit FrameWriter(int descriptor);
  void write(const boost::json::object& header, std::string_view body = {});
  void end(const Ending& ending);

 private:
  int descriptor_;
  bool has_begun_ = false;
};

/// What a run may send.
struct FrameLimits {
  std::uint64_t body_bytes = std::uint64_t{64} << 20;
  std::uint64_t total_bytes = std::uint64_t{1} << 30;
  std::uint64_t frames = 100'000;
};

/// Cuts a stream of bytes into frames.
/// Errors: bad_input for whatever the protocol does not allow; then the stream is given up.
/// Threads: one at a time.
class FrameParser {
 public:
  /// Takes one frame; what it fails with ends the reading.
  using Visitor = std::function<Result<void>(Frame&&)>;

  FrameParser(FrameLimits limits, Visitor visit);
  Result<void> feed(std::string_view bytes);
  /// The end frame, once it came. Without it the stream is cut off.
  [[nodiscard]] const std::optional<Ending>& ending() const { return ending_; }

 private:
  enum class Part { greeting, lengths, header, body };

  [[nodiscard]] std::uint64_t wanted() const;
  Result<void> take_part();
  Result<void> take_lengths();
  Result<void> take_header();
  Result<void> take_frame();

  FrameLimits limits_;
  Visitor visit_;
  Part part_ = Part::greeting;
  std::string pending_;
  Frame frame_;
  std::uint32_t header_bytes_ = 0;
  std::uint64_t body_bytes_ = 0;
  std::uint64_t total_bytes_ = 0;
  std::uint64_t frames_ = 0;
  std::optional<Ending> ending_;
};

}  // namespace khochung::workers
