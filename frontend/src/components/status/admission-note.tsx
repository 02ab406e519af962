import { useAdmission } from "@/hooks/use-admission";
import { texts } from "@/lib/texts";

/** Says at once that nothing pressed here would reach a machine: a proxy in between, mostly. */
export function AdmissionNote() {
  const refusal = useAdmission();
  if (refusal === undefined) return null;
  return (
    <div
      role="alert"
      className="mb-2 rounded-xl border-2 border-destructive-text bg-card px-4 py-3 text-destructive-text md:col-span-2"
    >
      <p className="font-bold text-balance">{texts.link.notAdmitted}</p>
      <p lang="en" className="pt-1 text-sm wrap-anywhere">
        {refusal}
      </p>
    </div>
  );
}
