#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "schemas/result.hpp"

namespace khochung {

/// A UUID version 7: 16 bytes that begin with the time of making, so that ids sort by age; those of
/// one process in the order in which they were made.
/// Source: RFC 9562, 5.7 and 6.2 (method 1).
class Uuid {
 public:
  /// A new one; unique across processes (62 random bits).
  static Uuid make();
  /// Reads the 36 characters of the usual form, lower case.
  /// Errors: bad_input.
  static Result<Uuid> parse(std::string_view text);

  [[nodiscard]] std::string text() const;
  auto operator<=>(const Uuid&) const = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

/// A Uuid that names one kind of thing: ids of different kinds do not mix.
template <typename Tag>
class Identifier {
 public:
  Identifier() = default;
  explicit Identifier(Uuid uuid) : uuid_(uuid) {}
  static Identifier make() { return Identifier(Uuid::make()); }
  static Result<Identifier> parse(std::string_view text) {
    return Uuid::parse(text).map([](Uuid uuid) { return Identifier(uuid); });
  }

  [[nodiscard]] std::string text() const { return uuid_.text(); }
  [[nodiscard]] const Uuid& uuid() const { return uuid_; }
  [[nodiscard]] bool is_set() const { return uuid_ != Uuid{}; }
  auto operator<=>(const Identifier&) const = default;

 private:
  Uuid uuid_;
};

using MaterialId = Identifier<struct MaterialTag>;
using UnitId = Identifier<struct UnitTag>;
using BatchId = Identifier<struct BatchTag>;
using UploadId = Identifier<struct UploadTag>;

}  // namespace khochung
