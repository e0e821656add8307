#include "server/http/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "server/http/encoding.hpp"

namespace khochung::http {
namespace {

constexpr IpAddress mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr std::size_t mapped_bytes = 12;
constexpr unsigned mapped_bits = 96;
constexpr std::size_t network_bytes = 8;

bool is_ipv4(const IpAddress& address) {
  return std::equal(mapped.begin(), mapped.begin() + mapped_bytes, address.begin());
}

bool are_equal(const IpAddress& left, const IpAddress& right, unsigned bits) {
  const auto whole = bits / 8;
  if (!std::equal(left.begin(), left.begin() + whole, right.begin())) return false;
  const auto rest = bits % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xFFU << (8 - rest));
  return (left.at(whole) & mask) == (right.at(whole) & mask);
}

/// What stands in all fields of that name, as one list.
std::string list_of(const Fields& fields, std::string_view name) {
  std::string list;
  for (const auto& [key, value] : fields.all()) {
    if (!equal_without_case(key, name)) continue;
    if (!list.empty()) list += ',';
    list += value;
  }
  return list;
}

std::vector<std::string_view> rows_of(std::string_view list) {
  std::vector<std::string_view> rows;
  while (!list.empty()) {
    const auto row = list.substr(0, list.find(','));
    rows.push_back(trim(row));
    list.remove_prefix(std::min(row.size() + 1, list.size()));
  }
  return rows;
}

/// A parameter of an element of Forwarded; empty when it is not there.
std::string element_parameter(std::string_view element, std::string_view name) {
  return field_parameter("element;" + std::string(element), name).value_or(std::string());
}

/// The address of "192.0.2.1:4711", "[2001:db8::1]:4711" and the like; empty when it is none.
std::string bare_address(std::string_view node) {
  if (node.starts_with('[')) {
    node = node.substr(1, node.find(']') - 1);
  } else if (std::ranges::count(node, ':') == 1) {
    node = node.substr(0, node.find(':'));
  }
  return ip_address_from(node) ? std::string(node) : std::string();
}

}  // namespace

std::optional<IpAddress> ip_address_from(std::string_view text) {
  const std::string terminated(text);
  IpAddress address{};
  if (::inet_pton(AF_INET6, terminated.c_str(), address.data()) == 1) return address;
  address = mapped;
  if (::inet_pton(AF_INET, terminated.c_str(), &address[mapped_bytes]) == 1) return address;
  return std::nullopt;
}

std::string client_group_of(std::string_view address) {
  auto ip = ip_address_from(address);
  if (!ip || is_ipv4(*ip)) return std::string(address);
  std::fill(ip->begin() + network_bytes, ip->end(), std::uint8_t{0});
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET6, ip->data(), text.data(), text.size());
  return text.data();
}

bool is_loopback(std::string_view address) {
  constexpr IpAddress own{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  const auto ip = ip_address_from(address);
  return ip && (*ip == own || (is_ipv4(*ip) && ip->at(mapped_bytes) == 127));
}

Result<TrustedProxies> TrustedProxies::parse(const std::vector<std::string>& networks,
                                             Speech speech) {
  TrustedProxies proxies;
  proxies.speech_ = speech;
  for (const auto& text : networks) {
    const auto slash = text.find('/');
    const auto ip = ip_address_from(text.substr(0, slash));
    if (!ip) return fail(ErrorCode::bad_input, "\"" + text + "\" is no address and no network");
    Network network{*ip, 128};
    if (slash != std::string::npos) {
      const unsigned most = is_ipv4(*ip) ? 32 : 128;
      unsigned bits = 0;
      const auto* end = text.data() + text.size();
      const auto [parsed, problem] = std::from_chars(text.data() + slash + 1, end, bits);
      if (problem != std::errc() || parsed != end || bits > most)
        return fail(ErrorCode::bad_input, "\"" + text + "\" is no address and no network");
      network.bits = is_ipv4(*ip) ? mapped_bits + bits : bits;
    }
    proxies.networks_.push_back(network);
  }
  return proxies;
}

bool TrustedProxies::trusts(std::string_view address) const {
  if (networks_.empty()) return false;
  const auto ip = ip_address_from(address);
  return ip && std::ranges::any_of(networks_, [&](const Network& network) {
           return are_equal(network.address, *ip, network.bits);
         });
}

TrustedProxies::Visitor TrustedProxies::visitor_behind(std::string_view peer,
                                                       const Fields& fields) const {
  Visitor visitor{std::string(peer), false, false};
  if (!trusts(peer)) return visitor;
  visitor.is_behind = true;
  const bool is_rfc = speech_ == Speech::forwarded;
  const auto list = list_of(fields, is_rfc ? "Forwarded" : "X-Forwarded-For");
  const auto rows = rows_of(list);
  // Each proxy adds who asked it at the end: from there back to the first that is no proxy.
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    const auto address = bare_address(is_rfc ? element_parameter(*row, "for") : std::string(*row));
    if (address.empty()) break;
    visitor.client = address;
    if (!trusts(address)) break;
  }
  std::string protocol(fields.get("X-Forwarded-Proto"));
  if (is_rfc) protocol = rows.empty() ? "" : element_parameter(rows.back(), "proto");
  visitor.is_https = equal_without_case(protocol, "https");
  return visitor;
}

}  // namespace khochung::http
