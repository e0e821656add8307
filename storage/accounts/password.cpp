#include "storage/accounts/password.hpp"

#include <sodium.h>
#include <zxcvbn.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <vector>

namespace khochung::storage {
namespace {

constexpr unsigned long long passes = 3;
constexpr std::size_t memory_bytes = 64U << 20U;
constexpr auto longest_wait = std::chrono::seconds(5);

/// Of a random password that was not kept, at today's cost.
constexpr const char* nobodys_hash =
    "$argon2id$v=19$m=65536,t=3,p=1$qxaAJXdv3chBtlYiv7pBew$"
    "hWdQHksE9X2Pu2hbEyMVOPCrGGUO0H58KqN+IbCopMI";

/// One of the places for hashing, held while it lives.
template <typename Semaphore>
class Place {
 public:
  explicit Place(Semaphore& places)
      : places_(places), is_held_(places.try_acquire_for(longest_wait)) {}
  ~Place() {
    if (is_held_) places_.release();
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  [[nodiscard]] bool is_held() const { return is_held_; }

 private:
  Semaphore& places_;
  bool is_held_;
};

/// A million guesses.
constexpr double fewest_bits = 20;
/// What comes to mind here and stands in no list of English passwords.
constexpr std::array words_that_come_to_mind{
    "congdoan",  "khochung", "liendoan", "laodong",  "matkhau",   "tonglien",
    "tuyengiao", "baochi",   "quantri",  "vietnam",  "hanoi",     "saigon",
    "hochiminh", "nghean",   "danang",   "haiphong", "nguyen",    "anhyeuem",
    "emyeuanh",  "yeuem",    "giadinh",  "hanhphuc", "thanhcong", "mothaiba"};

/// How many bits a guesser has to find. What comes behind the first hundred bytes would only add.
double entropy_of(std::string_view password, std::string_view name) {
  const std::string looked_at(password.substr(0, 100));
  const std::string own(name);
  std::vector<const char*> words(words_that_come_to_mind.begin(), words_that_come_to_mind.end());
  if (!own.empty()) words.push_back(own.c_str());
  words.push_back(nullptr);
  return ZxcvbnMatch(looked_at.c_str(), words.data(), nullptr);
}

tl::unexpected<Error> busy() {
  return fail(ErrorCode::unavailable, "too many passwords are being checked");
}

}  // namespace

std::string random_hex(std::size_t count) {
  std::vector<unsigned char> bytes(count);
  randombytes_buf(bytes.data(), bytes.size());
  std::string hex(2 * count + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), bytes.data(), bytes.size());
  hex.pop_back();
  return hex;
}

Result<void> check_password(std::string_view password, std::string_view name) {
  constexpr std::size_t shortest_password = 8;
  if (password.size() < shortest_password || password.size() > longest_password) {
    return fail(ErrorCode::bad_input, "short_password", "a password has 8 to 1024 bytes");
  }
  if (entropy_of(password, name) < fewest_bits)
    return fail(ErrorCode::bad_input, "common_password", "a million guesses would find it");
  return {};
}

PasswordHasher::PasswordHasher() {
  if (sodium_init() < 0) std::abort();
}

Result<std::string> PasswordHasher::hash(std::string_view password) {
  const Place place(places_);
  if (!place.is_held()) return busy();
  std::array<char, crypto_pwhash_STRBYTES> phc{};
  if (crypto_pwhash_str_alg(phc.data(), password.data(), password.size(), passes, memory_bytes,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return fail(ErrorCode::unavailable, "no memory to hash a password");
  }
  return std::string(phc.data());
}

Result<bool> PasswordHasher::matches(const std::string& phc, std::string_view password) {
  const Place place(places_);
  if (!place.is_held()) return busy();
  return crypto_pwhash_str_verify(phc.c_str(), password.data(), password.size()) == 0;
}

Result<bool> PasswordHasher::matches_nobody(std::string_view password) {
  return matches(nobodys_hash, password).map([](bool) { return false; });
}

bool PasswordHasher::is_outdated(const std::string& phc) {
  return crypto_pwhash_str_needs_rehash(phc.c_str(), passes, memory_bytes) != 0;
}

}  // namespace khochung::storage
