#include "server/net/client_book.hpp"

namespace khochung::net {

ClientBook::ClientBook(std::size_t max_in_all, std::size_t max_per_client)
    : max_in_all_(max_in_all), max_per_client_(max_per_client) {}

bool ClientBook::has_room() const {
  const std::lock_guard lock(mutex_);
  return total_ < max_in_all_;
}

bool ClientBook::is_crowded() const {
  const std::lock_guard lock(mutex_);
  return total_ > max_in_all_ / 8 * 7;
}

bool ClientBook::enter(const std::string& client, Stands stands) {
  const std::lock_guard lock(mutex_);
  auto& count = open_[client];
  if (stands == Stands::for_itself && count >= max_per_client_) return false;
  ++count;
  ++total_;
  return true;
}

void ClientBook::leave(const std::string& client) {
  const std::lock_guard lock(mutex_);
  const auto row = open_.find(client);
  if (--row->second == 0) open_.erase(row);
  if (--total_ == 0) emptied_.notify_all();
}

bool ClientBook::wait_until_empty(std::chrono::steady_clock::time_point latest) {
  std::unique_lock lock(mutex_);
  return emptied_.wait_until(lock, latest, [this] { return total_ == 0; });
}

void ClientBook::wait_until_empty() {
  std::unique_lock lock(mutex_);
  emptied_.wait(lock, [this] { return total_ == 0; });
}

}  // namespace khochung::net
