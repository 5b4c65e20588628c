package io.lavis4j.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class FileNamesTest {

    private static final Path HOME = Path.of(System.getProperty("user.home"));

    @Test
    void aTildeAtTheBeginningOfASettingIsTheUsersHome() {
        assertThat(FileNames.setting("~/a/b")).isEqualTo(HOME.resolve("a/b"));
        assertThat(FileNames.setting("~")).isEqualTo(HOME);
        assertThat(FileNames.setting("./~/a")).isEqualTo(Path.of("./~/a"));
        assertThat(FileNames.setting("a~/b")).isEqualTo(Path.of("a~/b"));
        assertThat(FileNames.path("~/a")).isEqualTo(Path.of("~/a"));
        assertThatExceptionOfType(InvalidPathException.class)
                .isThrownBy(() -> FileNames.setting("~other/a"))
                .withMessage("the home of another user is not known here (write it out, or ./~ for a name that begins"
                        + " so): ~other/a");
    }

    @Test
    void aNameThatCannotBeOneIsNamed() {
        assertThatExceptionOfType(InvalidPathException.class)
                .isThrownBy(() -> FileNames.path("a\0b"))
                .withMessageContaining("a\0b");
    }
}
