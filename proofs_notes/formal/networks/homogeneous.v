(** Networks that are positively homogeneous above their first layer: no bias after it, any depth, any widths
    (blueprint-3, section 1). PARALLEL, RESIDUAL, PLAIN and STREAM are, with bias-free branches; TWO-LAYER always.

    Definitions: [ray], a branch without biases: q(c a) = c q(a) for c >= 0; [bias_free], deep ReLU layers without
    biases, and [bias_free_relu], the branch made of them; [homogeneous], output 0 of a class of networks is Psi of
    the m first-layer units, and Psi is positively homogeneous; [parallel_top], [residual_top], [plain_top],
    [stream_top], the Psi of these classes, [state_top], z_n of STREAM as a function of the first-layer units.
    Statements: none; T10 speaks of these networks. *)

From Coq Require Import Reals Lra List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums relu.
From Skipscape.networks Require Import networks blocks.
Import ListNotations.
Open Scope R_scope.

(** "no bias": positively homogeneous, whatever its weights *)
Definition ray (B : branch) : Prop := forall q c a, 0 <= c -> act B q (fun i => c * a i) = fun s => c * act B q a s.

(** ReLU layers of the given widths, without biases *)
Fixpoint bias_free (n : nat) (widths : list nat) (M : nat -> matrix) (a : vector) : vector :=
  match widths with
  | nil => a
  | h :: rest => bias_free h rest (fun d => M (S d)) (fun j => relu (\sum_(i < n) (M O j i * a i)))
  end.
Definition bias_free_relu (n : nat) (widths : list nat) : branch := Branch n (last widths n) (fun q a => bias_free n
  widths q a).

Lemma bias_free_ray n widths : ray (bias_free_relu n widths).
Proof.
  intros q c a Hc. cbn [act bias_free_relu]. revert n q a. induction widths as [|h rest IH]; intros n q a; [easy|].
  cbn [bias_free]. rewrite <- IH. f_equal. apply functional_extensionality; intros j.
  rewrite <- L1a_homogeneous by easy. f_equal.
  rewrite <- lsum_scal. apply lsum_ext; intros; ring.
Qed.

(** weights indexed by C, among them the first layer's rows *)
Definition homogeneous {C : Type} (X : data) (m : nat) (at_row : nat -> nat -> C)
  (net : (C -> R) -> nat -> nat -> R) (Psi : (C -> R) -> vector -> R) : Prop :=
  (forall P k, net P k O = Psi P (fun j => relu (dot X (fun i => P (at_row j i)) (input X k)))) /\
  (forall P v v', (forall j, (j < m)%nat -> v j = v' j) -> Psi P v = Psi P v') /\
  (forall P c v, 0 <= c -> Psi P (fun j => c * v j) = c * Psi P v).

Section Classes.
Variables (X : data) (m : nat) (B : branch).
Hypothesis HB : ray B.

Definition parallel_top (P : param) (v : vector) : R :=
  \sum_(j < m) (V P j O * v j) + \sum_(s < branch_out B) (U P O s * act B (Q P) (fun a => \sum_(j < m) (A P j a * v
    j)) s).
Definition residual_top (P : param) (v : vector) : R :=
  \sum_(j < m) (V P j O * (v j + \sum_(s < branch_out B) (U P j s * act B (Q P) (fun a => \sum_(j < m) (A P j a * v
    j)) s))).
Definition plain_top (P : param) (v : vector) : R :=
  \sum_(s < branch_out B) (U P O s * act B (Q P) (fun a => \sum_(j < m) (A P j a * v j)) s).

Lemma reading_local (M : matrix) (v v' : vector) : (forall j, (j < m)%nat -> v j = v' j) ->
  (fun a => \sum_(j < m) (M j a * v j)) = fun a => \sum_(j < m) (M j a * v' j).
Proof.
  intros H. apply functional_extensionality; intros a. apply lsum_ext; intros j Hj. apply in_rng in Hj. now rewrite H.
Qed.

Lemma reading_scal (M : matrix) (v : vector) c :
  (fun a => \sum_(j < m) (M j a * (c * v j))) = fun a => c * \sum_(j < m) (M j a * v j).
Proof. apply functional_extensionality; intros a. rewrite <- lsum_scal. apply lsum_ext; intros; ring. Qed.

Lemma parallel_homogeneous : homogeneous X m InW (parallel X m B) parallel_top.
Proof.
  split; [reflexivity|]. split.
  - intros P v v' H. unfold parallel_top. rewrite (reading_local (A P) v v' H). f_equal.
    apply lsum_ext; intros j Hj. apply in_rng in Hj. now rewrite H.
  - intros P c v Hc. unfold parallel_top. rewrite reading_scal, HB by easy. rewrite Rmult_plus_distr_l, <- !lsum_scal.
    f_equal; apply lsum_ext; intros; ring.
Qed.

Lemma residual_homogeneous : homogeneous X m InW (residual X m B) residual_top.
Proof.
  split; [reflexivity|]. split.
  - intros P v v' H. unfold residual_top. rewrite (reading_local (A P) v v' H).
    apply lsum_ext; intros j Hj. apply in_rng in Hj. now rewrite H.
  - intros P c v Hc. unfold residual_top. rewrite reading_scal, HB by easy. rewrite <- lsum_scal.
    apply lsum_ext; intros j _.
    rewrite (lsum_ext _ (fun s => U P j s * (c * _)) (fun s => c * (U P j s * act B (Q P) (fun a => \sum_(j < m) (A P
      j a * v j)) s)))
      by (intros; ring).
    rewrite lsum_scal. ring.
Qed.

Lemma plain_homogeneous : homogeneous X m InW (plain X m B) plain_top.
Proof.
  split; [reflexivity|]. split.
  - intros P v v' H. unfold plain_top. now rewrite (reading_local (A P) v v' H).
  - intros P c v Hc. unfold plain_top. rewrite reading_scal, HB by easy. rewrite <- lsum_scal.
    apply lsum_ext; intros; ring.
Qed.
End Classes.

Section StreamClass.
Variables (X : data) (m K : nat) (Bl : nat -> branch).
Hypothesis HB : forall k, ray (Bl k).

Fixpoint state_top (P : stream_param) (n : nat) (v : vector) : vector :=
  match n with
  | O => v
  | S n => fun j => state_top P n v j + \sum_(s < branch_out (Bl n)) (sU P n j s *
      act (Bl n) (sQ P n) (fun a => \sum_(i < m) (sA P n i a * state_top P n v i)) s)
  end.
Definition stream_top (P : stream_param) (v : vector) : R := \sum_(j < m) (sV P j O * state_top P K v j).

Lemma state_top_state P n k : state X m Bl P n k = state_top P n (stream_feature X P k).
Proof. induction n as [|n IH]; [easy|]. cbn [state state_top]. now rewrite IH. Qed.

Lemma stream_homogeneous : homogeneous X m StreamW (stream X m K Bl) stream_top.
Proof.
  split; [|split].
  - intros P k. unfold stream, stream_top. apply lsum_ext; intros j _. now rewrite state_top_state.
  - intros P v v' H. apply lsum_ext; intros j Hj. apply in_rng in Hj. f_equal. revert j Hj.
    induction K as [|n IH]; [exact H|]. intros j Hj. cbn [state_top]. rewrite (IH j Hj). f_equal.
    now rewrite (reading_local m (sA P n) _ _ IH).
  - intros P c v Hc. unfold stream_top. rewrite <- lsum_scal. apply lsum_ext; intros j _.
    assert (E : forall n, state_top P n (fun j => c * v j) = fun j => c * state_top P n v j).
    { induction n as [|n IH]; [easy|]. cbn [state_top]. rewrite IH, reading_scal, (HB n) by easy.
      apply functional_extensionality; intros i. rewrite Rmult_plus_distr_l, <- lsum_scal. f_equal.
      apply lsum_ext; intros; ring. }
    rewrite E. ring.
Qed.
End StreamClass.
