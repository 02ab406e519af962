import { Monitor, MoonStar, Sun } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Link } from "wouter";
import { Button } from "@/components/ui/button";
import { RadioGroup, RadioGroupItem } from "@/components/ui/radio-group";
import { Sheet } from "@/components/ui/sheet";
import { reloadRemembering, rememberLanguage, remembersForGood } from "@/lib/storage";
import { type Language, languages, texts } from "@/lib/texts";
import { viewTexts } from "@/lib/texts/views";
import { chooseTheme, chosenTheme, type ThemeChoice, themeChoices } from "@/lib/theme";

const themeIcons = { system: Monitor, dark: MoonStar, light: Sun };

function Setting({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3 className="pb-1.5 text-sm font-semibold text-muted-foreground">{title}</h3>
      <div className="contents">{children}</div>
    </section>
  );
}

/** Language, light, and the way to the other views. */
export default function SettingsSheet({ onClose }: { onClose: () => void }) {
  const [theme, setTheme] = useState(chosenTheme);
  const changeTheme = (choice: string) => {
    chooseTheme(choice as ThemeChoice);
    setTheme(choice as ThemeChoice);
  };
  // Words are everywhere, so the page is loaded anew for them: not for each that an arrow key
  // passes. An open pour is taken up again by the page that comes back.
  const [language, setLanguage] = useState<string>(texts.locale);
  const changeLanguage = () => {
    rememberLanguage(language);
    reloadRemembering();
  };
  const views = [
    ["/", viewTexts.settings.guest],
    ["/host", viewTexts.settings.host],
    ["/wall", viewTexts.settings.wall],
  ] as const;
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={viewTexts.settings.title}
      closeLabel={viewTexts.settings.close}
    >
      <div className="flex flex-col gap-5">
        <Setting title={viewTexts.settings.theme}>
          <RadioGroup
            aria-label={viewTexts.settings.theme}
            value={theme}
            onValueChange={changeTheme}
          >
            {themeChoices.map((choice) => {
              const Icon = themeIcons[choice];
              return (
                <RadioGroupItem key={choice} value={choice} size="tall">
                  <Icon className="mx-auto mb-1 size-5" aria-hidden />
                  <span>{viewTexts.settings.themes[choice]}</span>
                </RadioGroupItem>
              );
            })}
          </RadioGroup>
        </Setting>
        <Setting title={viewTexts.settings.language}>
          <RadioGroup
            aria-label={viewTexts.settings.language}
            value={language}
            onValueChange={setLanguage}
          >
            {Object.entries(languages).map(([language, name]) => (
              <RadioGroupItem key={language} value={language} lang={language}>
                {name}
              </RadioGroupItem>
            ))}
          </RadioGroup>
          {language !== texts.locale && (
            <Button className="mt-2 w-full" onClick={changeLanguage}>
              {viewTexts.settings.apply(languages[language as Language])}
            </Button>
          )}
        </Setting>
        {!remembersForGood() && (
          <p role="status" className="text-sm text-warning-text">
            {viewTexts.settings.notKept}
          </p>
        )}
        <Setting title={viewTexts.settings.views}>
          <nav className="flex flex-wrap gap-2">
            {views.map(([path, name]) => (
              <Link
                key={path}
                href={path}
                onClick={onClose}
                // In the place of the entry that lets Back close this sheet.
                replace
                className="grid min-h-11 flex-1 place-items-center rounded-xl border bg-secondary px-4 font-semibold text-secondary-foreground"
              >
                {name}
              </Link>
            ))}
          </nav>
        </Setting>
      </div>
    </Sheet>
  );
}
