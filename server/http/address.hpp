#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"
#include "server/http/message.hpp"

namespace khochung::http {

/// An IP address of either kind: IPv4 as IPv6 maps it.
using IpAddress = std::array<std::uint8_t, 16>;

/// Nothing for what is not an address.
std::optional<IpAddress> ip_address_from(std::string_view text);

/// What counts as one client: an IPv4 address, an IPv6 network of 64 bits (its hosts are many).
/// Texts that are no address stand for themselves.
std::string client_group_of(std::string_view address);

/// Whether an address is this machine's own.
bool is_loopback(std::string_view address);

/// The proxies whose word about who asks is taken: nobody else's is.
/// Threads: safe from many threads.
class TrustedProxies {
 public:
  /// How the proxies say it. Only one of the two is read: a proxy that sets the one passes the
  /// other on as a client sent it.
  enum class Speech {
    x_forwarded,  ///< X-Forwarded-For and X-Forwarded-Proto
    forwarded,    ///< RFC 7239
  };

  TrustedProxies() = default;
  /// `networks`: addresses ("::1") and networks ("10.0.0.0/8"). Errors: bad_input, naming it.
  static Result<TrustedProxies> parse(const std::vector<std::string>& networks, Speech speech);

  [[nodiscard]] bool trusts(std::string_view address) const;

  /// Who asked, as far as trusted proxies tell.
  struct Visitor {
    std::string client;      ///< an address; the peer's where nothing better is known
    bool is_https = false;   ///< the proxy was asked by https
    bool is_behind = false;  ///< whether a trusted proxy stands between
  };
  [[nodiscard]] Visitor visitor_behind(std::string_view peer, const Fields& fields) const;

 private:
  struct Network {
    IpAddress address{};
    unsigned bits = 128;
  };
  std::vector<Network> networks_;
  Speech speech_ = Speech::x_forwarded;
};

}  // namespace khochung::http
