#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "schemas/result.hpp"

namespace khochung {

/// The SHA-256 of some bytes: a blob's name, a record's seal, a derivative's key.
/// Source: FIPS 180-4.
class Digest {
 public:
  static constexpr std::size_t size_bytes = 32;

  Digest() = default;
  explicit Digest(const std::array<std::uint8_t, size_bytes>& bytes) : bytes_(bytes) {}
  /// Reads 64 lower-case hexadecimal digits.
  /// Errors: bad_input.
  static Result<Digest> parse(std::string_view hex);
  static Digest of(std::span<const std::byte> bytes);
  static Digest of(std::string_view text);

  [[nodiscard]] std::string hex() const;
  [[nodiscard]] const std::array<std::uint8_t, size_bytes>& bytes() const { return bytes_; }
  auto operator<=>(const Digest&) const = default;

 private:
  std::array<std::uint8_t, size_bytes> bytes_{};
};

/// Takes the digest of bytes as they come by.
/// Threads: one at a time.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;

  void update(std::span<const std::byte> bytes);
  /// The digest of everything so far; the hasher is used up.
  Digest finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace khochung
