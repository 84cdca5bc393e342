#include "arguments.h"

#include <cstdlib>
#include <stdexcept>

Arguments::Arguments(int count, char **words) {
    if (count < 2) throw std::invalid_argument("cannot run: no command is given");
    command = words[1];
    for (int index = 2; index < count; index++) {
        std::string word = words[index];
        size_t separator = word.find('=');
        if (separator == std::string::npos) {
            throw std::invalid_argument("cannot read " + word + ": it is no key=value");
        }
        values[word.substr(0, separator)] = word.substr(separator + 1);
    }
}

int Arguments::count(const std::string &key, int fallback) const {
    auto found = values.find(key);
    int count = found == values.end() ? fallback : std::atoi(found->second.c_str());
    if (count < 1) refuse(key, "a whole number from 1");
    return count;
}

double Arguments::seconds() const {
    auto found = values.find("seconds");
    double seconds = found == values.end() ? 0 : std::atof(found->second.c_str());
    if (seconds <= 0) refuse("seconds", "a number above 0");
    return seconds;
}

void Arguments::refuse(const std::string &key, const std::string &wanted) const {
    throw std::invalid_argument("cannot run " + command + ": " + key + "= is to be " + wanted);
}
