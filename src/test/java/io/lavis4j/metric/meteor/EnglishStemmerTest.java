package io.lavis4j.metric.meteor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnglishStemmerTest {

    /** Words and stems from the algorithm's published examples. */
    @ParameterizedTest
    @CsvSource({
        "consign,consign",
        "consigned,consign",
        "consignment,consign",
        "consisted,consist",
        "consistency,consist",
        "consistent,consist",
        "consolation,consol",
        "consolatory,consolatori",
        "consoling,consol",
        "conspiracy,conspiraci",
        "conspirators,conspir",
        "constable,constabl",
        "constancy,constanc",
        "knack,knack",
        "knavish,knavish",
        "kneaded,knead",
        "kneeling,kneel",
        "knightly,knight",
        "knives,knive",
        "knitting,knit",
        "knocked,knock",
        "knots,knot",
        "ties,tie",
        "cries,cri",
        "gas,gas",
        "this,this",
        "gaps,gap",
        "kiwis,kiwi",
        "luxuriated,luxuri",
        "hopping,hop",
        "hoping,hope",
        "generous,generous",
        "communism,communism",
        "arsenal,arsenal",
        "by,by",
        "say,say",
        "cry,cri",
        "skies,sky",
        "dying,die",
        "news,news",
        "proceed,proceed",
        "proceeds,proceed",
        "relational,relat",
        "sensational,sensat",
        "hopefulness,hope",
        "happily,happili",
        "agreed,agre",
        "controlling,control",
        "rolled,roll",
        "bee's,bee",
        "youth,youth",
    })
    void wordsHaveTheirPublishedStems(String word, String stem) {
        assertThat(EnglishStemmer.stem(word)).isEqualTo(stem);
    }
}
